"""An organ model is measured through the whole client, on the voxels of the images, against the drawn organs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from client.engine import ServedModel, TensorValue
from client.errors import ContractError, OutputError
from client.scoring import ScoringSettings
from phantoms import Part, Site, mibg_cohort
from specs.mibg_organs import MIBG_ORGANS
from specs.mibg_volumes import MIBG_VOLUMES_48
from specs.volume import VolumeSpec
from tests.specs.records import contract
from training.organ_data import organ_example
from tricorder.evaluate_organs import MeasuredOrgans, evaluate_organs
from tricorder.evaluation_folder import write_evaluation
from tricorder.organ_content import organ_content

PATIENTS = 5


def served(spec: VolumeSpec = MIBG_ORGANS) -> ServedModel:
    made = contract(spec)
    return ServedModel(contract=made, contract_sha256=made.sha256())


class AllKnowing:
    """An engine whose one model answers each phantom of a site with the labels of its true masks."""

    def __init__(self, site: Site) -> None:
        examples = [organ_example(each, MIBG_VOLUMES_48) for each in mibg_cohort(Part.TEST, count=PATIENTS, site=site)]
        self._labels = {example.tensor.tobytes(): example.target for example in examples}

    def is_live(self) -> bool:
        return True

    def model_names(self) -> tuple[str, ...]:
        return (MIBG_ORGANS.name,)

    def served_model(self, name: str) -> ServedModel:
        return served()

    def infer(
        self, model: ServedModel, inputs: Mapping[str, TensorValue], outputs: Sequence[str]
    ) -> dict[str, TensorValue]:
        (tensor,) = inputs.values()
        return {name: self.labels(tensor[0])[np.newaxis] for name in outputs}

    def labels(self, tensor: TensorValue) -> TensorValue:
        return self._labels[tensor.tobytes()]


class Blind(AllKnowing):
    """One that finds no heart."""

    def labels(self, tensor: TensorValue) -> TensorValue:
        labels = super().labels(tensor)
        return np.where(labels == 1, 0, labels).astype(np.uint8)


class Wrong(AllKnowing):
    """One whose labels name no organ."""

    def labels(self, tensor: TensorValue) -> TensorValue:
        return np.full_like(super().labels(tensor), 9)


def evaluated(engine: AllKnowing, site: Site = Site.A, model: ServedModel | None = None) -> MeasuredOrgans:
    settings = ScoringSettings(workers=1)
    return evaluate_organs(engine, model or served(), settings, count=PATIENTS, site=site)


@pytest.fixture(scope="module")
def measured() -> MeasuredOrgans:
    """Return what is measured of a model that knows the truth."""
    return evaluated(AllKnowing(Site.A))


def test_the_truth_is_found_again_on_the_voxels_of_the_images(measured: MeasuredOrgans) -> None:
    found = measured.report
    assert (found.patients, found.left_out) == (PATIENTS, {})
    assert found.data_set == "phantom MIBG, test 0-4"
    for organ in found.organs:
        assert organ.dice is not None
        assert organ.dice.estimate > 0.94  # what two interpolations leave of a true mask
    assert found.heart_found.estimate == 1
    assert found.late_counts_r2 is not None
    assert found.late_counts_r2.estimate > 0.9


def test_each_patient_is_compared_with_its_own_truth(measured: MeasuredOrgans) -> None:
    for patient, phantom in zip(measured.patients, mibg_cohort(Part.TEST, count=PATIENTS), strict=True):
        truth = phantom.truth
        assert patient.disease == truth.disease.value
        assert patient.nearly_no_uptake == truth.nearly_no_uptake
        assert patient.uptake == (truth.heart_uptake(truth.early), truth.heart_uptake(truth.late))
        assert patient.washout_percent == pytest.approx(truth.washout_percent, abs=10)


def test_the_other_site_is_measured_too() -> None:
    found = evaluated(AllKnowing(Site.B), Site.B).report
    assert found.data_set == "phantom MIBG, test, site B 0-4"
    assert min(organ.dice.estimate for organ in found.organs if organ.dice is not None) > 0.94


def test_a_heart_that_is_not_found_counts_as_a_dice_of_0_and_has_no_counts() -> None:
    found = evaluated(Blind(Site.A)).report
    heart = next(organ for organ in found.organs if organ.organ == "heart")
    assert heart.dice is not None
    assert heart.dice.estimate == 0
    assert found.heart_found.estimate == 0
    assert (found.late_counts_r2, found.washout) == (None, None)


def test_labels_out_of_range_are_an_error_and_no_figure() -> None:
    with pytest.raises(OutputError):
        evaluated(Wrong(Site.A))


def test_a_recipe_that_refuses_every_phantom_is_an_error() -> None:
    recipe = MIBG_VOLUMES_48.model_copy(update={"least_extent_mm": (1000.0, 200.0, 200.0)})
    with pytest.raises(ContractError, match="refuses every phantom"):
        evaluated(AllKnowing(Site.A), model=served(MIBG_ORGANS.model_copy(update={"recipe": recipe})))


def test_a_folder_holds_a_row_a_patient_and_the_pictures(measured: MeasuredOrgans, tmp_path: Path) -> None:
    content = organ_content(measured.report, measured.patients, demonstration=True)
    header, *rows = content.answers
    assert len(rows) == PATIENTS
    assert all(len(row) == len(header) for row in rows)
    (tmp_path / "washout.png").write_bytes(b"of an earlier run")
    write_evaluation(tmp_path, measured.folder_content())
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"report.json", "report.html", "answers.csv", "dice.png", "heart_counts.png", "washout.png"}
    assert (tmp_path / "washout.png").read_bytes().startswith(b"\x89PNG")
