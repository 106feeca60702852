"""What of a data set on disk a model may be measured on."""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.errors import HeldOutUnknown
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.weights import DataSet, FindingPerformance, SiteRecalibration, WeightsRecord
from tests.specs.records import weights_record
from training.datasets import Example, ImageFile, LabeledSet, split_patients
from training.datasets.errors import TooFewPatients
from training.datasets.split import patients_sha256
from tricorder.held_out import EvaluatedPart, evaluated_studies

SEED = 7
EXAMPLES = tuple(
    Example(name=f"line {number}", image=ImageFile(path=Path(f"{number}.png")), patient=f"P{number // 2}", value=number)
    for number in range(60)
)
LABELED = LabeledSet(name="manifest", description="a test's", examples=EXAMPLES, left_out={"the table has no age": 2})


def fitted_on(
    name: str, *, examples: tuple[Example, ...] = EXAMPLES, split_seed: int = SEED, **changed: object
) -> WeightsRecord:
    """Return the record of weights that were fitted on examples."""
    split = split_patients(examples, seed=split_seed)
    data_set = DataSet(
        name=name,
        description="a test's",
        training_studies=len(split.training),
        validation_studies=len(split.validation),
        seed=split_seed,
        seen_patients_sha256=split.seen_patients_sha256,
    )
    data_set = data_set.model_copy(update=changed)
    return weights_record(MITRAL_REGURGITATION).model_copy(update={"data_set": data_set})


def imported(*, measured_on: str) -> WeightsRecord:
    """Return the record of weights that were imported."""
    record = fitted_on("somewhere", training_studies=None, seed=None, seen_patients_sha256=None)
    assert isinstance(record.performance, FindingPerformance)
    point = record.performance.operating_point.model_copy(update={"data_set": measured_on})
    performance = record.performance.model_copy(update={"operating_point": point})
    provenance = record.provenance.model_copy(update={"weights_sha256": "f" * 64})
    return record.model_copy(update={"performance": performance, "provenance": provenance})


def recalibrated(record: WeightsRecord, *, on: WeightsRecord) -> WeightsRecord:
    """Return a record as if its probabilities had been fitted to what other weights were fitted on."""
    site = SiteRecalibration(of_version=1, of_model_sha256="e" * 64, intercept=0.1, slope=None, data_set=on.data_set)
    return record.model_copy(update={"recalibration": site})


def test_recalibrated_weights_are_measured_on_the_tenth_that_the_recalibration_has_not_seen() -> None:
    record = recalibrated(fitted_on("JSRT"), on=fitted_on("manifest"))
    studies = evaluated_studies(LABELED, record, part=None, seed=None)
    assert studies.examples == split_patients(EXAMPLES, seed=SEED).test
    assert studies.name == "manifest, test part"
    with pytest.raises(HeldOutUnknown):
        evaluated_studies(LABELED, record, part=None, seed=SEED + 1)
    everything = evaluated_studies(LABELED, record, part=EvaluatedPart.ALL, seed=None)
    assert everything.name == "manifest, all images, those of training among them"


def test_where_weights_and_recalibration_are_of_two_sets_of_one_name_somebody_must_say_the_part() -> None:
    record = recalibrated(fitted_on("manifest", examples=EXAMPLES[:40]), on=fitted_on("manifest"))
    with pytest.raises(HeldOutUnknown):
        evaluated_studies(LABELED, record, part=None, seed=None)


def test_the_test_part_of_a_recalibration_s_data_is_its_own_where_the_weights_are_of_other_data_of_the_name() -> None:
    record = recalibrated(fitted_on("manifest", examples=EXAMPLES[:40], split_seed=3), on=fitted_on("manifest"))
    studies = evaluated_studies(LABELED, record, part=EvaluatedPart.TEST, seed=None)
    assert studies.examples == split_patients(EXAMPLES, seed=SEED).test
    assert studies.name == "manifest, test part, perhaps some of training among them"


def test_weights_of_other_data_are_measured_on_every_image() -> None:
    studies = evaluated_studies(LABELED, fitted_on("JSRT"), part=None, seed=None)
    assert (studies.name, studies.examples, studies.left_out) == ("manifest, all images", EXAMPLES, LABELED.left_out)


def test_weights_of_this_data_are_measured_on_what_they_have_not_seen() -> None:
    studies = evaluated_studies(LABELED, fitted_on("manifest"), part=None, seed=None)
    split = split_patients(EXAMPLES, seed=SEED)
    assert studies.examples == split.test
    assert not {example.patient for example in studies.examples} & {
        example.patient for example in (*split.training, *split.validation)
    }
    assert studies.name == "manifest, test part"


@pytest.mark.parametrize(
    "fitted",
    [
        fitted_on("manifest", examples=EXAMPLES[:40]),
        fitted_on("manifest", seen_patients_sha256=None),
        fitted_on("manifest", seed=SEED + 1),
        fitted_on("manifest", seen_patients_sha256=patients_sha256(EXAMPLES)),
    ],
    ids=["other patients", "a record without their digest", "another seed", "a fold of a cross-validation"],
)
def test_where_it_cannot_be_told_somebody_must_say_the_part_and_the_name_says_so(fitted: WeightsRecord) -> None:
    with pytest.raises(HeldOutUnknown, match="manifest"):
        evaluated_studies(LABELED, fitted, part=None, seed=None)
    for part, name in ((EvaluatedPart.TEST, "test part"), (EvaluatedPart.ALL, "all images")):
        studies = evaluated_studies(LABELED, fitted, part=part, seed=None)
        assert studies.name == f"manifest, {name}, perhaps some of training among them"


def test_all_images_of_the_training_s_own_set_are_called_so() -> None:
    studies = evaluated_studies(LABELED, fitted_on("manifest"), part=EvaluatedPart.ALL, seed=None)
    assert studies.name == "manifest, all images, those of training among them"
    assert len(studies) == 60


def test_another_split_of_the_training_s_own_set_is_no_held_out_one() -> None:
    with pytest.raises(HeldOutUnknown):
        evaluated_studies(LABELED, fitted_on("manifest"), part=None, seed=SEED + 1)
    studies = evaluated_studies(LABELED, fitted_on("manifest"), part=EvaluatedPart.TEST, seed=SEED + 1)
    assert studies.name.endswith("perhaps some of training among them")


def test_a_test_part_of_other_data_is_that_of_the_seed() -> None:
    studies = evaluated_studies(LABELED, fitted_on("JSRT"), part=EvaluatedPart.TEST, seed=None)
    assert studies.examples == split_patients(EXAMPLES, seed=0).test
    assert studies.name == "manifest, test part"


def test_a_handful_of_patients_has_no_test_part() -> None:
    few = replace(LABELED, examples=EXAMPLES[:8])
    with pytest.raises(HeldOutUnknown):
        evaluated_studies(few, fitted_on("manifest"), part=None, seed=None)
    with pytest.raises(TooFewPatients):
        evaluated_studies(few, fitted_on("JSRT"), part=EvaluatedPart.TEST, seed=None)
    assert len(evaluated_studies(few, fitted_on("JSRT"), part=None, seed=None)) == 8


@pytest.mark.parametrize(
    ("measured_on", "said"),
    [
        ("manifest, all images", ", on which the operating point was chosen"),
        ("manifest of others, all images", ""),
    ],
)
def test_imported_weights_may_have_seen_any_data(measured_on: str, said: str) -> None:
    with pytest.raises(HeldOutUnknown, match="imported"):
        evaluated_studies(LABELED, imported(measured_on=measured_on), part=None, seed=None)
    studies = evaluated_studies(LABELED, imported(measured_on=measured_on), part=EvaluatedPart.ALL, seed=None)
    assert studies.name == f"manifest, all images, perhaps some of training among them{said}"


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (EvaluatedPart.TEST, "manifest, test part, perhaps some of training among them"),
        (
            EvaluatedPart.ALL,
            "manifest, all images, perhaps some of training among them, on which the operating point was chosen",
        ),
    ],
)
def test_a_recalibration_of_imported_weights_tells_nothing_of_what_these_have_seen(
    part: EvaluatedPart, name: str
) -> None:
    weights = imported(measured_on="manifest, training and validation part")
    record = recalibrated(weights, on=fitted_on("manifest"))
    with pytest.raises(HeldOutUnknown, match="imported"):
        evaluated_studies(LABELED, record, part=None, seed=None)
    studies = evaluated_studies(LABELED, record, part=part, seed=None)
    assert studies.name == name
    assert part is EvaluatedPart.ALL or studies.examples == split_patients(EXAMPLES, seed=SEED).test
