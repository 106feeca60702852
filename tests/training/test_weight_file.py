"""A file of weights is read whatever its form, and nothing that it holds ever runs."""

import pickle
import warnings
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from tests.training.brought import FORMS, saved
from training.errors import UnsafeWeights, WeightsMismatch
from training.weight_file import read_state, require_same


@pytest.fixture
def network() -> nn.Module:
    """Some layers with all that a state dict may hold."""
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).eval()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_tensors(network: nn.Module, form: str, tmp_path: Path) -> None:
    found = read_state(saved(network, form, tmp_path, pixels=torch.zeros(1, 1, 8, 8)))
    assert found.keys() == network.state_dict().keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in network.state_dict().items())


class _Touches:
    """Makes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.file,)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_pickle_that_would_write_a_file_is_refused_with_what_to_do_and_writes_none(
    tmp_path: Path, *, zipped: bool
) -> None:
    file, ran = tmp_path / "learner.pkl", tmp_path / "ran"
    torch.save({"model": _Touches(ran)}, file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(UnsafeWeights, match=r"torch\.save\(model\.state_dict\(\), 'weights\.pt'\)"):
        read_state(file)
    assert not ran.exists()
    torch.load(file, weights_only=False)
    assert ran.exists()  # so it would have


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_plain_pickle_that_would_write_a_file_is_refused_and_writes_none(tmp_path: Path, protocol: int) -> None:
    file, ran = tmp_path / "model.pkl", tmp_path / "ran"
    file.write_bytes(pickle.dumps({"conv1.weight": _Touches(ran)}, protocol=protocol))
    with pytest.raises(UnsafeWeights):
        read_state(file)
    assert not ran.exists()


class _SavesWhenLoaded(nn.Module):
    """TorchScript whose loading writes a file."""

    weight: Tensor

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file
        self.register_buffer("weight", torch.zeros(1))

    def forward(self, pixels: Tensor) -> Tensor:
        return pixels * self.weight

    @torch.jit.export
    def __getstate__(self) -> tuple[Tensor, str, bool]:
        return self.weight, self.file, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[Tensor, str, bool]) -> None:
        torch.save(state[0], state[1])
        self.weight, self.file, self.training = state


def test_torchscript_that_would_write_a_file_is_refused_and_writes_none(tmp_path: Path) -> None:
    file, ran = tmp_path / "weights.pt", tmp_path / "ran"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated
        torch.jit.script(_SavesWhenLoaded(str(ran))).save(str(file))  # type: ignore[no-untyped-call]
        with pytest.raises(UnsafeWeights, match="__setstate__"):
            read_state(file)
        assert not ran.exists()
        torch.jit.load(file)  # type: ignore[no-untyped-call]
    assert ran.exists()  # so it would have


def test_frozen_torchscript_says_that_it_has_no_named_tensors(network: nn.Module, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        traced = torch.jit.trace(network, torch.zeros(1, 1, 8, 8))  # type: ignore[no-untyped-call]
        torch.jit.freeze(traced).save(str(tmp_path / "weights.pt"))
    with pytest.raises(WeightsMismatch, match="frozen"):
        read_state(tmp_path / "weights.pt")


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pth"])
@pytest.mark.parametrize("content", [b"", b"not weights", b"\x80\x02}q\x00.", b"PK\x03\x04" + bytes(64)])
def test_what_holds_no_weights_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises((WeightsMismatch, UnsafeWeights)):
        read_state(tmp_path / name)


def test_an_archive_that_only_looks_like_torchscript_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "weights.pt", "w") as archive:
        archive.writestr("weights/constants.pkl", b"")
    with pytest.raises(WeightsMismatch, match="cannot be read"):
        read_state(tmp_path / "weights.pt")


@given(cut=st.integers(min_value=0, max_value=2000))
def test_a_file_that_is_cut_off_is_refused_wherever_it_is(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cut")
    whole = saved(nn.Linear(2, 1), "torch", folder, pixels=torch.zeros(1, 2)).read_bytes()
    assert len(whole) > 1500
    (folder / "cut.pth").write_bytes(whole[: min(cut, len(whole) - 1)])
    with pytest.raises((WeightsMismatch, UnsafeWeights)):
        read_state(folder / "cut.pth")


@pytest.mark.parametrize(
    "value", [[torch.zeros(1)], {1: torch.zeros(1)}, {"epoch": 3}, {"model": {"a": torch.ones(1)}}]
)
def test_what_is_no_state_dict_is_refused(value: object, tmp_path: Path) -> None:
    torch.save(value, tmp_path / "weights.pth")
    with pytest.raises(WeightsMismatch, match="no state dict"):
        read_state(tmp_path / "weights.pth")


OWN = {f"layer{number}.weight": torch.zeros(number + 1, 2) for number in range(9)}


def test_the_first_names_that_differ_are_told_and_the_rest_counted() -> None:
    with pytest.raises(WeightsMismatch, match=r"it lacks layer0\.weight, .*, layer4\.weight and 4 more\."):
        require_same(OWN, {})
    with pytest.raises(WeightsMismatch, match=r"it has beyond head\.bias\."):
        require_same(OWN, OWN | {"head.bias": torch.zeros(1)})
    with pytest.raises(WeightsMismatch, match=r"layer3\.weight is \(2, 4\) instead of \(4, 2\)\."):
        require_same(OWN, OWN | {"layer3.weight": torch.zeros(2, 4)})


@pytest.mark.parametrize(
    "other",
    [
        torch.zeros(4, 2, dtype=torch.int8),
        torch.full((4, 2), torch.nan),
        torch.full((4, 2), torch.inf),
        torch.full((4, 2), 1e300, dtype=torch.float64),
        torch.zeros(4, 2, device="meta"),
        torch.zeros(4, 2).to_sparse(),
    ],
    ids=["whole numbers", "no numbers", "infinite", "too large", "absent", "sparse"],
)
def test_numbers_that_the_network_cannot_take_are_named(other: Tensor) -> None:
    with pytest.raises(WeightsMismatch, match=r"no finite numbers of its own type: layer3\.weight\."):
        require_same(OWN, OWN | {"layer3.weight": other})


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_taken(kind: torch.dtype) -> None:
    require_same(OWN, {name: tensor.to(kind) for name, tensor in OWN.items()})


def test_every_kind_of_difference_is_told_at_once() -> None:
    wanted = {"conv.weight": torch.zeros(2), "fc.weight": torch.zeros(3), "fc.bias": torch.zeros(1)}
    found = {"conv.weight": torch.zeros(4), "extra.weight": torch.zeros(1), "fc.weight": torch.full((3,), torch.nan)}
    with pytest.raises(WeightsMismatch) as caught:
        require_same(wanted, found)
    for told in ("it lacks fc.bias", "it has beyond extra.weight", "conv.weight is (4,) instead of (2,)", "fc.weight"):
        assert told in str(caught.value)
