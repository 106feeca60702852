"""What a graph of features answers is what scikit-learn answers, at the splits of rounded features too."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from specs import SPECS, stacked_classifiers
from specs.classifier import ClassifierSpec, GradientBoosting
from specs.network import Preset
from specs.stacking import StackedSpec
from specs.striatal_recipes import STRIATAL_FEATURES, StriatalFeature
from specs.weights import FindingPerformance
from tests.training.drawn_features import drawn_data, drawn_part
from training.errors import TooFewToFit
from training.feature_classifiers import FittedTrees, chosen
from training.feature_data import FeatureData, FeaturePart
from training.feature_run import FeatureRun, FittedFindings, answered
from training.summary import TrainingSummary
from training.tabular_run import GRAPH_FILE

CLASSIFIERS = [spec for spec in SPECS.values() if isinstance(spec, ClassifierSpec)]
STACKS = [spec for spec in SPECS.values() if isinstance(spec, StackedSpec)]
SPLIT_TOLERANCE = 1e-6
MIX_TOLERANCE = 1e-6
"""Between a study alone and in a batch: trees are added in another order."""


def a_run(*, decimals: int | None = None, seed: int = 0) -> FeatureRun:
    return FeatureRun(
        data=drawn_data(decimals=decimals),
        parity=drawn_part("drawn, parity", count=120, seed=3, decimals=decimals),
        preset=Preset.DEMONSTRATION,
        seed=seed,
    )


def run(content: bytes, **inputs: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return {name: np.asarray(found, np.float64) for name, found in zip(names, session.run(names, inputs), strict=True)}


@pytest.mark.parametrize("decimals", [None, 0, 1])
@pytest.mark.parametrize("spec", CLASSIFIERS, ids=lambda spec: spec.name)
def test_the_graph_answers_as_scikit_learn_does_at_every_split_too(
    spec: ClassifierSpec, decimals: int | None, tmp_path: Path
) -> None:
    fitted, _ = a_run(decimals=decimals).train_classifier(spec, tmp_path)
    findings = FittedFindings.read(tmp_path)
    found = run((tmp_path / GRAPH_FILE).read_bytes(), features=findings.features)["probability"]
    assert found.shape == (len(findings.features), 1)
    assert np.abs(found[:, 0] - findings.probabilities).max() <= SPLIT_TOLERANCE
    chosen_features = chosen(findings.features, spec.recipe.places(spec.features))
    log_odds = run((tmp_path / GRAPH_FILE).read_bytes(), features=findings.features)["log_odds"]
    np.testing.assert_allclose(log_odds[:, 0], fitted.log_odds(chosen_features), rtol=1e-6, atol=5e-6)
    on_splits = len(findings.features) - len(findings.truth)
    assert (on_splits > 0) == isinstance(spec.classifier, GradientBoosting)
    if isinstance(fitted, FittedTrees):
        assert on_splits == 3 * len(fitted.split_points())


@pytest.mark.parametrize("spec", CLASSIFIERS, ids=lambda spec: spec.name)
def test_a_classifier_heeds_its_own_features_alone(spec: ClassifierSpec, tmp_path: Path) -> None:
    a_run().train_classifier(spec, tmp_path)
    content = (tmp_path / GRAPH_FILE).read_bytes()
    part = drawn_part("asked", count=40, seed=4)
    before = run(content, features=part.features)["probability"]
    others = [place for place, name in enumerate(STRIATAL_FEATURES.names) if name not in spec.features]
    changed = part.features.copy()
    changed[:, others] += 7
    assert np.array_equal(run(content, features=changed)["probability"], before)
    changed[:, spec.recipe.places(spec.features)] *= -1
    assert not np.array_equal(run(content, features=changed)["probability"], before)


@pytest.mark.parametrize("spec", CLASSIFIERS, ids=lambda spec: spec.name)
@settings(max_examples=15)
@given(data=st.data())
def test_a_study_gets_the_same_answer_in_every_batch(
    spec: ClassifierSpec, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / f"batches-{spec.name}"
    if not folder.exists():
        a_run().train_classifier(spec, folder)
    features = drawn_part("asked", count=30, seed=5).features
    whole = run((folder / GRAPH_FILE).read_bytes(), features=features)["probability"]
    asked = data.draw(st.lists(st.integers(0, 29), min_size=1, max_size=12))
    alone = run((folder / GRAPH_FILE).read_bytes(), features=features[asked])["probability"]
    assert np.abs(alone - whole[asked]).max() <= MIX_TOLERANCE


@pytest.mark.parametrize("decimals", [None, 1])
@pytest.mark.parametrize("spec", STACKS, ids=lambda spec: spec.name)
def test_both_stages_answer_as_scikit_learn_does(spec: StackedSpec, decimals: int | None, tmp_path: Path) -> None:
    members = stacked_classifiers(spec)
    folders = {name: tmp_path / name for name in (*members, spec.name)}
    summary = a_run(decimals=decimals).train_stack(spec, members, folders)
    findings = FittedFindings.read(folders[spec.name])
    given_tensors = {spec.recipe.input.name: findings.features}
    for member in spec.members:
        content = (folders[member.model] / GRAPH_FILE).read_bytes()
        said = run(content, features=findings.features)
        given_tensors[member.vote.name] = said["probability"].astype(np.float32)
        given_tensors[f"{member.model}_log_odds"] = said["log_odds"].astype(np.float32)
    found = run((folders[spec.name] / GRAPH_FILE).read_bytes(), **given_tensors)
    assert np.abs(found["probability"][:, 0] - findings.probabilities).max() <= SPLIT_TOLERANCE
    votes = np.column_stack([given_tensors[member.vote.name] for member in spec.members])
    assert np.array_equal(found["member_probabilities"], votes.astype(np.float64))
    assert isinstance(summary.performance, FindingPerformance)
    assert summary.performance.discrimination.auc > 0.8


@pytest.mark.parametrize("spec", STACKS, ids=lambda spec: spec.name)
def test_the_second_stage_is_fitted_on_what_members_say_of_studies_that_they_have_not_seen(
    spec: StackedSpec, tmp_path: Path
) -> None:
    """With members that learn the training part by heart, a stage fitted on their own answers would trust them."""
    heart = GradientBoosting(trees=200, deepest=6, learning_rate=0.5, row_share=1.0)
    names = tuple(StriatalFeature)
    members = {
        name: member.model_copy(update={"classifier": heart, "features": names})
        for name, member in stacked_classifiers(spec).items()
    }
    training = drawn_part("by heart", count=200, seed=6)
    noise = np.random.default_rng(0)
    facts = {name: noise.integers(0, 2, 200).astype(np.float32) for name in training.facts}
    facts["diseased"] = facts["low_uptake"]
    whole = a_run()
    data = type(whole.data)(
        description="noise",
        training=type(training)(name="noise", seed=6, features=training.features, facts=facts),
        validation=whole.data.validation,
    )
    learned = FeatureRun(data=data, parity=whole.parity, preset=Preset.DEMONSTRATION, seed=0)
    folders = {name: tmp_path / name for name in (*members, spec.name)}
    learned.train_stack(spec, members, folders)
    probabilities = FittedFindings.read(folders[spec.name]).probabilities
    assert np.abs(probabilities - 0.5).mean() < 0.2


@pytest.mark.parametrize("spec", STACKS, ids=lambda spec: spec.name)
def test_too_few_studies_are_refused_before_anything_is_fitted(spec: StackedSpec, tmp_path: Path) -> None:
    members = stacked_classifiers(spec)
    folders = {name: tmp_path / name for name in (*members, spec.name)}
    few = FeatureRun(data=drawn_data(count=64), parity=a_run().parity, preset=Preset.DEMONSTRATION, seed=0)
    with pytest.raises(TooFewToFit, match="48 studies to fit"):
        few.train_stack(spec, members, folders)
    assert list(tmp_path.iterdir()) == []
    healthy = drawn_data().training
    facts = dict.fromkeys(healthy.facts, np.zeros(len(healthy.features), np.float32))
    none = FeaturePart(name="none ill", seed=1, features=healthy.features, facts=facts)
    data = FeatureData(description="none", training=none, validation=none)
    alike = FeatureRun(data=data, parity=a_run().parity, preset=Preset.DEMONSTRATION, seed=0)
    with pytest.raises(TooFewToFit, match="0 with the finding"):
        alike.train_classifier(CLASSIFIERS[0], tmp_path / "run")


@pytest.mark.parametrize("spec", STACKS, ids=lambda spec: spec.name)
def test_the_parity_set_holds_each_study_once_and_then_the_splits(spec: StackedSpec, tmp_path: Path) -> None:
    members = stacked_classifiers(spec)
    folders = {name: tmp_path / name for name in (*members, spec.name)}
    run_once = a_run()
    run_once.train_stack(spec, members, folders)
    whole, trees = FittedFindings.read(folders[spec.name]), FittedFindings.read(folders["dat_uptake"])
    assert np.array_equal(whole.features, trees.features)  # the one member with splits
    assert np.array_equal(whole.features[: len(whole.truth)], run_once.parity.features)


def test_a_run_is_the_same_every_time(tmp_path: Path) -> None:
    spec = STACKS[0]
    members = stacked_classifiers(spec)
    summaries = []
    for number in range(2):
        folders = {name: tmp_path / str(number) / name for name in (*members, spec.name)}
        summaries.append(a_run().train_stack(spec, members, folders))
    assert summaries[0] == summaries[1]
    for name in (*members, spec.name):
        first, second = (tmp_path / str(number) / name / GRAPH_FILE for number in range(2))
        assert first.read_bytes() == second.read_bytes()


def test_the_record_says_what_the_run_was_of(tmp_path: Path) -> None:
    spec = CLASSIFIERS[0]
    fitted, summary = a_run().train_classifier(spec, tmp_path)
    assert isinstance(summary, TrainingSummary)
    assert (summary.model, summary.demonstration, summary.data_set.name) == (spec.name, True, "drawn, training")
    validation = a_run().data.validation
    found = answered(spec, fitted, validation.features)
    assert isinstance(summary.performance, FindingPerformance)
    positive = found >= summary.performance.operating_point.threshold
    truth = validation.truth(spec.truth.phantom)
    assert summary.performance.operating_point.counts.true_positive == int((positive & truth).sum())
    assert summary.data_set.validation_studies == len(validation.features)
