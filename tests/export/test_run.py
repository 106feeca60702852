"""From a training run to a repository entry, through the gate and not around it."""

import hashlib
from pathlib import Path

import pytest

from export.ensemble import export_ensemble
from export.entry import records
from export.errors import NotTrained, ParityFailed
from export.run import EntryVersion, Workplace, export_network
from specs import member_specs
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.contract import Contract
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import FindingParity, QuantityParity, WeightsRecord
from tests.export.shifts import measured_shift, tolerated_shift, tolerating
from tests.training.tiny import silent_progress, tiny, train
from training.summary import SUMMARY_FILE

PARITY_PHANTOMS = 20
"""Enough to see a variant drift; the committed entries were made with many more."""


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared phantoms, kept between the tests."""
    return tmp_path_factory.mktemp("prepared")


def export(spec: NetworkSpec, folder: Path, prepared: Path, *, preset: Preset = Preset.DEMONSTRATION) -> WeightsRecord:
    """Export what was trained in a folder to the repository beside it."""
    return export_network(
        spec,
        preset,
        weights=folder / "run",
        target=EntryVersion(repository=folder / "repository"),
        workplace=Workplace(cache=prepared, progress=silent_progress, parity_studies=PARITY_PHANTOMS),
    )


def test_a_model_that_was_never_trained_cannot_be_exported(spec: NetworkSpec, tmp_path: Path) -> None:
    with pytest.raises(NotTrained, match=f"tricorder train {spec.name} --preset paper"):
        export(spec, tmp_path, tmp_path, preset=Preset.PAPER)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["{}", "", "[]"])
def test_a_run_of_another_version_cannot_be_exported(spec: NetworkSpec, tmp_path: Path, content: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / SUMMARY_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(NotTrained):
        export(spec, tmp_path, tmp_path)


def test_members_whose_folders_lack_their_answers_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(NotTrained, match="aortic_stenosis_"):
        export_ensemble(
            AORTIC_STENOSIS,
            Preset.DEMONSTRATION,
            weights={member.name: tmp_path for member in member_specs(AORTIC_STENOSIS)},
            target=EntryVersion(repository=tmp_path / "repository"),
            workplace=Workplace(cache=tmp_path, progress=silent_progress),
        )


@pytest.mark.slow
def test_a_trained_model_becomes_an_entry_with_its_own_figures(
    spec: NetworkSpec, tmp_path: Path, prepared: Path
) -> None:
    summary = train(spec, tmp_path / "run", prepared)
    record = export(tiny(spec), tmp_path, prepared)
    entry = tmp_path / "repository" / spec.name
    assert records(entry) == [record]
    assert record.model_sha256 == hashlib.sha256((entry / "1" / "model.onnx").read_bytes()).hexdigest()
    assert record.performance == summary.performance
    assert isinstance(record.parity[0], FindingParity | QuantityParity)
    assert record.parity[0].studies == PARITY_PHANTOMS
    assert record.parity[0].kind == record.performance.kind == spec.tolerances.kind
    assert measured_shift(record.parity[0]) <= tolerated_shift(spec)
    assert Contract(spec=tiny(spec), weights=record).weights.demonstration
    assert export(tiny(spec), tmp_path, prepared).version == record.version + 1


def test_each_committed_network_was_compared_on_as_many_phantoms_as_the_gate_takes_by_itself(
    network_spec: NetworkSpec, committed_repository: Path
) -> None:
    parity = records(committed_repository / network_spec.name)[-1].parity[0]
    assert isinstance(parity, FindingParity | QuantityParity)
    assert parity.studies == Workplace(cache=committed_repository, progress=silent_progress).parity_studies


@pytest.mark.slow
def test_nothing_is_written_where_a_variant_drifts_or_another_preset_is_asked_for(
    spec: NetworkSpec, tmp_path: Path, prepared: Path
) -> None:
    train(spec, tmp_path / "run", prepared)
    with pytest.raises(ParityFailed, match="Nothing was written"):
        export(tolerating(tiny(spec), shift=1e-15), tmp_path, prepared)
    with pytest.raises(NotTrained):
        export(tiny(spec), tmp_path, prepared, preset=Preset.PAPER)
    assert not (tmp_path / "repository").exists()
