"""Fitting ends early where nothing more is gained, and studies weigh as the settings say."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.network import Preset
from specs.xray_age import XRAY_AGE
from tests.training.tiny import drawn_data, drawn_part, tiny, tiny_settings
from training.checkpoints import LOG_FILE
from training.errors import FitDiverged, NothingLearned
from training.fit_settings import FitSettings
from training.fitting import fit
from training.prepared_part import PreparedPart
from training.radiograph_network import RadiographNetwork
from training.run import train
from training.summary import SUMMARY_FILE

EPOCHS = 6


def fitted(spec: NetworkSpec, training: PreparedPart, validation: PreparedPart, settings: FitSettings) -> None:
    torch.manual_seed(settings.seed)
    network = RadiographNetwork(tiny(spec), Preset.DEMONSTRATION)
    fit(network, spec.training, training=training, validation=validation, settings=settings)


def logged(folder: Path, column: str) -> list[float]:
    with (folder / LOG_FILE).open(encoding="utf-8", newline="") as log:
        return [float(row[column]) for row in csv.DictReader(log) if row[column]]


@pytest.mark.parametrize("patience", [1, 3])
def test_fitting_ends_after_as_many_epochs_without_gain_as_the_spec_is_patient(tmp_path: Path, patience: int) -> None:
    declared = MITRAL_REGURGITATION.training.model_copy(update={"patience_epochs": patience})
    spec = MITRAL_REGURGITATION.model_copy(update={"training": declared})
    alike = drawn_part(spec, [0, 1] * 4).chosen(np.zeros(8, dtype=np.intp), name="one image, again and again")
    validation = replace(alike, truth=np.array([0, 1] * 4, dtype=np.float32))  # an AUC of 0.5 whatever is learned
    fitted(spec, drawn_part(spec, [0, 1] * 6), validation, replace(tiny_settings(tmp_path), epochs=EPOCHS))
    assert logged(tmp_path, "validation_merit") == [0.5] * (1 + patience)


def test_balancing_weighs_the_few_studies_with_a_finding_as_much_as_the_many_without(tmp_path: Path) -> None:
    spec = MITRAL_REGURGITATION
    training, validation = drawn_part(spec, [1, 1] + [0] * 14), drawn_part(spec, [0, 1] * 4, seed=2)
    first_losses = []
    for balanced in (False, True):
        settings = replace(tiny_settings(tmp_path / str(balanced)), balanced=balanced)
        fitted(spec, training, validation, settings)
        first_losses.append(logged(settings.folder, "loss_step")[0])
    # a fresh network finds every study about as likely to have it as not: ln 2 each
    assert first_losses == pytest.approx([np.log(2), np.log(2) * (14 + 7 * 2) / 16], rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("spec", [MITRAL_REGURGITATION, XRAY_AGE], ids=lambda spec: spec.name)
def test_a_fit_that_diverges_says_so(spec: NetworkSpec, tmp_path: Path) -> None:
    steep = tiny(spec).model_copy(update={"training": spec.training.model_copy(update={"learning_rate": 1e30})})
    with pytest.raises(FitDiverged, match="learning rate"):
        train(steep, Preset.DEMONSTRATION, drawn_data(spec), settings=tiny_settings(tmp_path))
    assert not (tmp_path / SUMMARY_FILE).exists()


def test_a_network_that_gives_every_study_the_same_answer_is_no_result(tmp_path: Path) -> None:
    data = drawn_data(MITRAL_REGURGITATION)
    alike = data.validation.pixels.chosen(np.zeros(8, dtype=np.intp))
    same = replace(data, validation=replace(data.validation, pixels=alike))
    with pytest.raises(NothingLearned, match="mitral_regurgitation"):
        train(tiny(MITRAL_REGURGITATION), Preset.DEMONSTRATION, same, settings=tiny_settings(tmp_path))
    assert not (tmp_path / SUMMARY_FILE).exists()
