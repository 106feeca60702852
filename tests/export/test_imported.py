"""Weights that somebody else trained become an entry through the same gate, and answer as they did there."""

import os
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from torch.nn import functional

from evaluation.operating_points import count_calls
from export.entry import records
from export.errors import ParityFailed
from export.imported import FittedOn, ImportedNetwork, Yardstick, export_imported, read_network
from export.onnx_file import onnx_bytes
from export.run import EntryVersion, Workplace
from phantoms import Part
from preprocessing import Prepared, prepare
from preprocessing.reading import read_file
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import FindingPerformance, QuantityPerformance, WeightsRecord
from specs.xray_age import XRAY_AGE
from tests.export.shifts import measured_shift, tolerated_shift, tolerating
from tests.training.brought import FORMS, fastai_senet154, normalized, saved
from tests.training.tiny import opinionated_network, random_pixels, silent_progress, tiny
from training.errors import NotMeasurable
from training.fitting import answers
from training.narrowing import parameter_count
from training.phantom_data import prepared_phantoms
from training.prepared_part import PreparedPart

SAID = FittedOn(name="ChestX-ray14", description="as somebody says")
PHANTOMS = 64
PARITY_PHANTOMS = 20
"""Enough to see a variant drift; the committed entries were made with many more."""

RIKEN_VARIABLE = "TRICORDER_RIKEN_WEIGHTS"
"""Names the public weights of X-ray age, TorchScript as torchxrayvision publishes it."""

RIKEN_AGE_YEARS = 50.4033
"""Of the sample radiograph 00027426_000.png, as the docstring of torchxrayvision's riken.AgeModel has it."""


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared phantoms, kept between the tests."""
    return tmp_path_factory.mktemp("prepared")


def phantom_part(spec: NetworkSpec, prepared: Path) -> PreparedPart:
    """Return some phantoms with truth."""
    with silent_progress() as bar:
        return prepared_phantoms(Part.VALIDATION, spec, count=PHANTOMS, cache=prepared, progress=bar)


def export(imported: ImportedNetwork, yardstick: Yardstick, prepared: Path, repository: Path) -> WeightsRecord:
    """Make an entry of an imported network."""
    return export_imported(
        imported,
        SAID,
        yardstick=yardstick,
        target=EntryVersion(repository=repository),
        workplace=Workplace(cache=prepared, progress=silent_progress, parity_studies=PARITY_PHANTOMS),
    )


def engine_ages(imported: ImportedNetwork, pixels: torch.Tensor) -> torch.Tensor:
    """Run the ONNX file of an imported network in ONNX Runtime, shape (studies, 1)."""
    content = onnx_bytes(imported.network, inputs=imported.spec.inputs, outputs=imported.spec.outputs)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return torch.from_numpy(session.run(None, {imported.spec.inputs[0].name: pixels.numpy()})[0])


@pytest.mark.slow
def test_the_onnx_file_of_weights_of_fastai_at_full_size_answers_as_the_network_of_fastai_does(tmp_path: Path) -> None:
    original, pixels = fastai_senet154(divisor=1), random_pixels(XRAY_AGE, studies=2)
    file = saved(original, "torch", tmp_path, pixels=pixels)
    imported = read_network(XRAY_AGE, Preset.PAPER, file)
    assert parameter_count(imported.network) == 115_147_377  # as the public file's size leaves
    with torch.inference_mode():
        expected = original(normalized(pixels))
    assert expected.std() > 20 * tolerated_shift(XRAY_AGE)
    assert (engine_ages(imported, pixels) - expected).abs().max() < tolerated_shift(XRAY_AGE)


@pytest.mark.slow
def test_every_form_of_file_gives_the_same_network_and_one_becomes_an_entry(tmp_path: Path, prepared: Path) -> None:
    spec, original = tiny(XRAY_AGE), fastai_senet154(divisor=16)
    files = [saved(original, form, tmp_path, pixels=torch.zeros(1, 3, 64, 64)) for form in FORMS]
    read = [read_network(spec, Preset.DEMONSTRATION, file) for file in files]
    assert len({imported.weights_sha256 for imported in read}) == len(FORMS)
    first, *others = [imported.network.state_dict() for imported in read]
    for other in others:
        assert other.keys() == first.keys()
        assert all(torch.equal(other[name], tensor) for name, tensor in first.items())
    yardstick = Yardstick(part=phantom_part(spec, prepared), phantoms=False)
    record = export(read[-1], yardstick, prepared, tmp_path / "made")
    assert records(tmp_path / "made" / spec.name) == [record]
    assert record.provenance.weights_sha256 == read[-1].weights_sha256


@pytest.mark.slow
@pytest.mark.parametrize(("spec", "phantoms"), [(MITRAL_REGURGITATION, False), (XRAY_AGE, True)])
def test_the_record_holds_what_was_measured_and_what_was_said_and_no_more(
    spec: NetworkSpec, tmp_path: Path, prepared: Path, *, phantoms: bool
) -> None:
    network = opinionated_network(spec.name, Preset.DEMONSTRATION)
    file = saved(network, "safetensors", tmp_path, pixels=torch.empty(0))
    part = phantom_part(spec, prepared)
    imported = read_network(tiny(spec), Preset.DEMONSTRATION, file)
    record = export(imported, Yardstick(part=part, phantoms=phantoms), prepared, tmp_path / "repository")
    assert record.demonstration == phantoms
    assert (record.data_set.name, record.data_set.description) == (SAID.name, SAID.description)
    assert (record.data_set.training_studies, record.data_set.seed) == (None, None)
    assert record.data_set.validation_studies == PHANTOMS
    assert record.parity[0].studies == PARITY_PHANTOMS
    assert measured_shift(record.parity[0]) <= tolerated_shift(spec)
    found = answers(network, part.pixels, batch_size=16)
    match record.performance:
        case FindingPerformance(operating_point=point):
            assert count_calls(part.truth > 0, found, point.threshold) == point.counts
        case QuantityPerformance(mean_absolute_error=error):
            assert error == pytest.approx(float(np.abs(found - part.truth).mean()))


@pytest.mark.slow
def test_nothing_is_written_where_the_gate_or_the_measurement_fails(tmp_path: Path, prepared: Path) -> None:
    spec = tiny(MITRAL_REGURGITATION)
    network = opinionated_network(spec.name, Preset.DEMONSTRATION)
    file = saved(network, "safetensors", tmp_path, pixels=torch.empty(0))
    part = phantom_part(spec, prepared)
    strict = read_network(tolerating(spec, shift=1e-15), Preset.DEMONSTRATION, file)
    with pytest.raises(ParityFailed):
        export(strict, Yardstick(part=part, phantoms=False), prepared, tmp_path / "repository")
    alike = part.chosen(np.flatnonzero(part.truth == 0), name="healthy")
    with pytest.raises(NotMeasurable, match=r"0 of \d+ studies have the finding"):
        export(strict, Yardstick(part=alike, phantoms=False), prepared, tmp_path / "repository")
    assert not (tmp_path / "repository").exists()


@pytest.fixture(scope="module")
def riken() -> ImportedNetwork:
    """The public weights of X-ray age."""
    if RIKEN_VARIABLE not in os.environ:
        pytest.skip(f"the public weights of X-ray age are not here; name their file in {RIKEN_VARIABLE}")
    return read_network(XRAY_AGE, Preset.PAPER, Path(os.environ[RIKEN_VARIABLE]))


def test_the_public_weights_give_the_published_age(riken: ImportedNetwork, samples: Path) -> None:
    with Image.open(samples / "chest" / "00027426_000.png") as picture:
        gray = torch.from_numpy(np.array(picture.convert("L"), dtype=np.float32))[None, None] / 255
    ages = []
    for antialias in (False, True):  # its releases differ, and the docstring does not say which of them it is of
        resized = functional.interpolate(
            gray, size=(320, 320), mode="bilinear", align_corners=False, antialias=antialias
        )
        with torch.inference_mode():
            ages.append(float(riken.network.answer(riken.network.score(resized))))
    assert min(abs(age - RIKEN_AGE_YEARS) for age in ages) < 0.01  # of two versions of PyTorch


def test_the_public_weights_give_nearly_the_published_age_as_the_client_prepares(
    riken: ImportedNetwork, samples: Path
) -> None:
    picture = prepare(read_file(samples / "chest" / "00027426_000.png"), XRAY_AGE.recipe)
    assert isinstance(picture, Prepared)
    age = float(engine_ages(riken, torch.from_numpy(picture.pixels[None]))[0, 0])
    assert abs(age - RIKEN_AGE_YEARS) < 1  # area average and whole gray values, where theirs is linear: our choice
