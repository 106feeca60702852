"""No patient is in two parts, whatever the data and however the rows are ordered."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.datasets.errors import TooFewPatients
from training.datasets.example import Example, ImageFile
from training.datasets.split import Split, k_folds, split_patients


def cohort(images_of_patient: list[int], *, values: list[float] | None = None) -> list[Example]:
    """Make a cohort from the number of images of each patient."""
    return [
        Example(
            name=f"{patient}_{image}.png",
            image=ImageFile(path=Path(f"{patient}_{image}.png")),
            patient=f"P{patient}",
            value=values[patient] if values else float(patient % 2),
        )
        for patient, images in enumerate(images_of_patient)
        for image in range(images)
    ]


COHORTS = st.lists(st.integers(1, 5), min_size=10, max_size=80).map(cohort)


def patients(examples: tuple[Example, ...]) -> set[str]:
    return {example.patient for example in examples}


def parts(split: Split) -> tuple[tuple[Example, ...], ...]:
    return split.training, split.validation, split.test


@settings(max_examples=60)
@given(examples=COHORTS, seed=st.integers(0, 1000))
def test_no_patient_leaks_from_one_part_into_another(examples: list[Example], seed: int) -> None:
    split = split_patients(examples, seed=seed)
    training, validation, test = (patients(part) for part in parts(split))
    assert not training & validation
    assert not training & test
    assert not validation & test
    assert sorted(map(repr, split.examples)) == sorted(map(repr, examples))
    assert set(split.examples) == set(examples)


@settings(max_examples=60)
@given(examples=COHORTS, seed=st.integers(0, 1000))
def test_the_parts_are_eight_to_one_to_one_exact_to_a_patient(examples: list[Example], seed: int) -> None:
    count = len({example.patient for example in examples})
    split = split_patients(examples, seed=seed)
    for part, share in zip(parts(split), (0.8, 0.1, 0.1), strict=True):
        assert part
        assert abs(len(patients(part)) - share * count) < 1


@settings(max_examples=40)
@given(examples=COHORTS, seed=st.integers(0, 1000), shuffle=st.randoms())
def test_the_order_of_the_rows_decides_nothing(examples: list[Example], seed: int, shuffle: random.Random) -> None:
    expected = split_patients(examples, seed=seed)
    shuffle.shuffle(examples)
    assert split_patients(examples, seed=seed) == expected


def test_another_seed_gives_another_split() -> None:
    examples = cohort([1] * 50)
    assert split_patients(examples, seed=0) == split_patients(examples, seed=0)
    assert split_patients(examples, seed=0) != split_patients(examples, seed=1)


@pytest.mark.parametrize("tens", [1, 2, 5, 15, 19])
def test_a_split_gives_each_part_its_share_of_a_finding_however_rare(tens: int) -> None:
    examples = cohort([1] * 200, values=[float(patient < 10 * tens) for patient in range(200)])
    for seed in range(5):
        split = split_patients(examples, seed=seed)
        assert [sum(example.value for example in part) for part in parts(split)] == [8 * tens, tens, tens]


@pytest.mark.parametrize("positives", [1, 4, 7, 93])
def test_folds_differ_by_at_most_one_patient_with_the_finding(positives: int) -> None:
    examples = cohort([1] * 100, values=[float(patient < positives) for patient in range(100)])
    for seed in range(5):
        folds = k_folds(examples, k=5, seed=seed)
        counts = [sum(example.value for example in fold.held_out) for fold in folds]
        assert max(counts) - min(counts) <= 1


def test_a_split_gives_each_part_its_share_of_every_age() -> None:
    examples = cohort([1] * 400, values=[float(patient) for patient in range(400)])
    split = split_patients(examples, seed=3)
    for part in parts(split):
        old = sum(example.value >= 200 for example in part)
        assert abs(old - len(part) / 2) <= 5


def test_a_published_test_part_stays_the_test_part() -> None:
    published = [replace(example, published_test=True) for example in cohort([2] * 3)]
    others = [example for example in cohort([2] * 30) if example.patient not in patients(tuple(published))]
    split = split_patients([*others, *published], seed=0)
    assert set(split.test) == set(published)
    assert len(patients(split.training)) == 24
    assert len(patients(split.validation)) == 3


def test_a_patient_who_is_partly_in_the_published_test_part_is_wholly_in_it() -> None:
    examples = cohort([2] * 20)
    first = examples[0]
    examples[0] = replace(first, published_test=True)
    split = split_patients(examples, seed=0)
    assert patients(split.test) == {first.patient}
    assert len(split.test) == 2


def test_fewer_patients_than_parts_need_are_refused() -> None:
    with pytest.raises(TooFewPatients, match="9 patients"):
        split_patients(cohort([30] * 9), seed=0)


@settings(max_examples=40)
@given(examples=COHORTS, k=st.integers(2, 10), seed=st.integers(0, 1000))
def test_each_patient_is_held_out_in_one_fold(examples: list[Example], k: int, seed: int) -> None:
    folds = k_folds(examples, k=k, seed=seed)
    assert len(folds) == k
    for fold in folds:
        assert not patients(fold.training) & patients(fold.held_out)
        assert set(fold.training) | set(fold.held_out) == set(examples)
    held_out = [patient for fold in folds for patient in patients(fold.held_out)]
    assert sorted(held_out) == sorted({example.patient for example in examples})
    sizes = [len(patients(fold.held_out)) for fold in folds]
    assert max(sizes) - min(sizes) <= 1


def test_folds_need_two_turns_and_a_patient_each() -> None:
    with pytest.raises(ValueError, match="1 folds"):
        k_folds(cohort([1] * 10), k=1, seed=0)
    with pytest.raises(TooFewPatients):
        k_folds(cohort([1] * 4), k=5, seed=0)


def test_a_patient_is_not_shown_when_an_example_is_printed() -> None:
    example = Example(name="line 2", image=ImageFile(path=Path("TANAKA.png")), patient="TANAKA", value=1.0)
    assert "TANAKA" not in repr(example)


@settings(max_examples=30)
@given(examples=COHORTS, seed=st.integers(0, 1000), order=st.randoms(use_true_random=False))
def test_the_digest_tells_who_was_seen_whatever_the_order(
    examples: list[Example], seed: int, order: random.Random
) -> None:
    digest = split_patients(examples, seed=seed).seen_patients_sha256
    shuffled = order.sample(examples, len(examples))
    assert split_patients(shuffled, seed=seed).seen_patients_sha256 == digest
    renamed = [replace(example, patient=f"{example.patient}, another hospital") for example in examples]
    assert split_patients(renamed, seed=seed).seen_patients_sha256 != digest


def test_another_seed_or_another_patient_gives_another_digest() -> None:
    examples = cohort([1] * 40)
    digests = {split_patients(examples, seed=seed).seen_patients_sha256 for seed in range(5)}
    assert len(digests) == 5
    assert split_patients(cohort([1] * 41), seed=0).seen_patients_sha256 not in digests
