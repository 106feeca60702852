"""The members of an ensemble are fitted on the same studies, loaded once."""

from pathlib import Path

import numpy as np
import pytest

from specs import member_specs
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.aortic_stenosis_densenet121 import AORTIC_STENOSIS_DENSENET121
from specs.aortic_stenosis_resnet50 import AORTIC_STENOSIS_RESNET50
from specs.ejection_fraction import EJECTION_FRACTION
from specs.model import NetworkSpec
from specs.network import Preset
from tests.specs.quantity import CONCAT_POOLED_AGE
from tests.training.tiny import drawn_data, tiny, tiny_settings
from training.run import train
from training.sharing import with_shared_data
from training.training_data import TrainingData
from training.validation_answers import ValidationAnswers


def test_the_data_of_an_ensemble_are_loaded_once_for_all_its_members() -> None:
    loads: list[str] = []

    def load(spec: NetworkSpec) -> TrainingData:
        loads.append(spec.name)
        return drawn_data(spec)

    members = member_specs(AORTIC_STENOSIS)
    pairs = list(with_shared_data(members, load))
    assert [spec for spec, _ in pairs] == list(members)
    assert loads == [members[0].name]
    assert len({id(data) for _, data in pairs}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"truth": EJECTION_FRACTION.truth},
        {"recipe": AORTIC_STENOSIS.recipe.model_copy(update={"fewest_gray_values": 5})},
        {"training": AORTIC_STENOSIS_RESNET50.training.model_copy(update={"phantom_measurements": ("rib_slope",)})},
        {"training": AORTIC_STENOSIS_RESNET50.training.model_copy(update={"phantoms": 7})},
    ],
)
def test_networks_that_need_other_data_get_them(change: dict[str, object]) -> None:
    other = AORTIC_STENOSIS_RESNET50.model_copy(update=change)
    specs = [AORTIC_STENOSIS_RESNET50, other, AORTIC_STENOSIS_DENSENET121]
    assert [loaded for _, loaded in with_shared_data(specs, lambda spec: spec.sha256())] == [
        AORTIC_STENOSIS_RESNET50.sha256(),
        other.sha256(),
        AORTIC_STENOSIS_RESNET50.sha256(),
    ]


def test_members_trained_so_answer_for_the_same_studies(tmp_path: Path) -> None:
    first_member = tiny(AORTIC_STENOSIS_RESNET50)
    concat_pooled = first_member.network.model_copy(update={"classifier": CONCAT_POOLED_AGE.network.classifier})
    mapless = first_member.head.model_copy(update={"activation_map": None})
    members = [
        first_member,
        first_member.model_copy(update={"name": "other", "network": concat_pooled, "head": mapless}),
    ]
    summaries = [
        train(spec, Preset.DEMONSTRATION, data, settings=tiny_settings(tmp_path / spec.name))
        for spec, data in with_shared_data(members, drawn_data)
    ]
    assert summaries[0].data_set == summaries[1].data_set
    first, second = (ValidationAnswers.read(tmp_path / spec.name) for spec in members)
    assert np.array_equal(first.truth, second.truth)
    assert not np.array_equal(first.answers, second.answers)
