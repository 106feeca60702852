"""Which engine a machine is asked to serve with is a choice of the repository, beside what tuning chose."""

from pathlib import Path

import pytest

from export.entry import serving_choice, write_entry, write_serving_choice
from export.errors import NoPackage, NoTensorRtEngine
from export.preferred_engine import asks_for_packages, engine_networks, prefer_engine
from specs import SPECS
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.contract import ImageSpec, Spec
from specs.deployment import PreferredEngine, ServingChoice
from specs.model import NetworkSpec
from specs.tensors import ElementType
from tests.specs.records import weights_record

TUNED = ServingChoice(instances=3, threads=2, queue_delay_us=700)


def config(repository: Path, name: str) -> str:
    return (repository / name / "config.pbtxt").read_text(encoding="utf-8")


def test_asking_for_tensorrt_leaves_the_configuration_as_any_triton_can_serve_it(
    network_spec: NetworkSpec, tmp_path: Path
) -> None:
    write_entry(tmp_path, network_spec, weights_record(network_spec), b"network")
    before = config(tmp_path, network_spec.name)
    prefer_engine(tmp_path, network_spec, PreferredEngine.TENSORRT)
    choice = serving_choice(tmp_path / network_spec.name)
    assert choice is not None
    assert choice.preferred_engine is PreferredEngine.TENSORRT
    assert config(tmp_path, network_spec.name) == before


def test_an_ensemble_asks_through_its_members(tmp_path: Path) -> None:
    members = engine_networks(AORTIC_STENOSIS, PreferredEngine.TENSORRT)
    assert [member.name for member in members] == [member.model for member in AORTIC_STENOSIS.members]
    for member in members:
        write_entry(tmp_path, member, weights_record(member), b"network")
    prefer_engine(tmp_path, AORTIC_STENOSIS, PreferredEngine.TENSORRT)
    assert all((tmp_path / member.name / "serving.json").is_file() for member in members)


def test_what_tuning_chose_stays_and_later_versions_ask_too(network_spec: NetworkSpec, tmp_path: Path) -> None:
    entry = write_entry(tmp_path, network_spec, weights_record(network_spec), b"network")
    write_serving_choice(entry, network_spec, TUNED)
    prefer_engine(tmp_path, network_spec, PreferredEngine.TENSORRT)
    write_entry(tmp_path, network_spec, weights_record(network_spec, version=2), b"another")
    assert serving_choice(entry) == TUNED.model_copy(update={"preferred_engine": PreferredEngine.TENSORRT})
    prefer_engine(tmp_path, network_spec, PreferredEngine.ONNXRUNTIME)
    assert (entry / "serving.json").read_text(encoding="utf-8") == TUNED.readable_json()
    assert "preferred_engine" not in TUNED.readable_json()


def test_an_entry_that_never_asked_gets_no_file_for_not_asking(network_spec: NetworkSpec, tmp_path: Path) -> None:
    entry = write_entry(tmp_path, network_spec, weights_record(network_spec), b"network")
    prefer_engine(tmp_path, network_spec, PreferredEngine.ONNXRUNTIME)
    assert not (entry / "serving.json").exists()


@pytest.mark.parametrize("model", SPECS.values(), ids=lambda spec: spec.name)
def test_tensorrt_is_chosen_only_for_networks_whose_tensors_it_takes(model: Spec) -> None:
    if not isinstance(model, ImageSpec):
        with pytest.raises(NoTensorRtEngine, match=f"{model.name} cannot be served with TensorRT"):
            engine_networks(model, PreferredEngine.TENSORRT)
        assert engine_networks(model, PreferredEngine.ONNXRUNTIME) == ()
        return
    for network in engine_networks(model, PreferredEngine.TENSORRT):
        types = {tensor.element_type for tensor in (*network.inputs, *network.outputs)}
        assert types <= {ElementType.UINT8, ElementType.FLOAT32}


@pytest.mark.parametrize("model", SPECS.values(), ids=lambda spec: spec.name)
def test_packages_are_made_of_networks_for_images_alone(model: Spec) -> None:
    if isinstance(model, ImageSpec):
        assert engine_networks(model, PreferredEngine.AOTINDUCTOR)
    else:
        with pytest.raises(NoPackage, match=f"{model.name} cannot be served with AOTInductor"):
            engine_networks(model, PreferredEngine.AOTINDUCTOR)


def test_an_ensemble_goes_on_to_get_packages_where_a_member_asks_for_them(tmp_path: Path) -> None:
    members = engine_networks(AORTIC_STENOSIS, PreferredEngine.AOTINDUCTOR)
    for member in members:
        write_entry(tmp_path, member, weights_record(member), b"network")
    assert not asks_for_packages(tmp_path, AORTIC_STENOSIS)
    prefer_engine(tmp_path, members[1], PreferredEngine.AOTINDUCTOR)
    assert asks_for_packages(tmp_path, AORTIC_STENOSIS)
    assert not asks_for_packages(tmp_path, members[0])
