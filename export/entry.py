"""Repository entries: ONNX file, weights record, model card and configuration on disk."""

import hashlib
import os
import tempfile
from pathlib import Path

from evaluation.model_card import model_card
from export.config import combining_config_text, config_text, fused_config_text
from specs import member_specs
from specs.compiled_package import PackageManifest
from specs.contract import Contract, Spec
from specs.deployment import ServingChoice
from specs.ensemble import CombiningGraph, EnsembleSpec
from specs.entry import (
    CARD_FILE,
    CONFIG_FILE,
    ONNX_FILE,
    PACKAGE_FILE,
    PACKAGE_MANIFEST_FILE,
    RECORD_FILE,
    SERVING_FILE,
)
from specs.weights import WeightsRecord


def write_entry(repository: Path, spec: Spec, record: WeightsRecord, content: bytes | None) -> Path:
    """Write one version of a model, its files each at once or not at all, the configuration last.

    Whatever is raised before the first file is written, as where no card can be made, leaves everything as it was.

    Args:
        repository: Folder of all entries.
        spec: The model.
        record: Of this version; takes the place of one of the same version, whose package goes.
        content: The ONNX file; None for an ensemble, whose steps have entries of their own.

    Returns:
        The entry's folder.
    """
    entry = repository / spec.name
    version = entry / str(record.version)
    written = sorted(
        [record, *(other for other in records(entry) if other.version != record.version)],
        key=lambda each: each.version,
    )
    record_text, config = record.readable_json(), config_text(spec, written, serving_choice(entry))
    card = model_card(Contract(spec=spec, weights=written[-1]))  # without held-out figures: nothing has measured it yet
    version.mkdir(parents=True, exist_ok=True)
    for name in (PACKAGE_MANIFEST_FILE, PACKAGE_FILE):
        (version / name).unlink(missing_ok=True)
    if content is not None:
        _replace(version / ONNX_FILE, content)
    _replace(version / RECORD_FILE, record_text.encode("utf-8"))
    _replace(entry / CARD_FILE, card.encode("utf-8"))
    _replace(entry / CONFIG_FILE, config.encode("utf-8"))
    return entry


def write_package(version: Path, content: bytes, manifest: PackageManifest) -> None:
    """Write the package of a version into its folder, and then its manifest."""
    _replace(version / PACKAGE_FILE, content)
    _replace(version / PACKAGE_MANIFEST_FILE, manifest.readable_json().encode("utf-8"))


def write_combining_entry(
    repository: Path, graph: CombiningGraph, content: bytes, *, version: int, largest_batch: int
) -> Path:
    """Write one version of an entry that only combines.

    Returns:
        The entry's folder.
    """
    entry = _write_onnx(repository / graph.name, content, version=version)
    render_combining_config(entry, graph, largest_batch=largest_batch)
    return entry


def write_fused_entry(repository: Path, name: str, spec: EnsembleSpec, content: bytes, *, version: int) -> Path:
    """Write one version of an entry that is all of an ensemble in one graph, served as its first member is.

    It has no contract of its own: that of the ensemble says what its answers are.

    Args:
        repository: Folder of all entries.
        name: Of the entry.
        spec: The ensemble.
        content: The ONNX file, as `fused_vote` makes it.
        version: Of the entry.

    Returns:
        The entry's folder.
    """
    entry = _write_onnx(repository / name, content, version=version)
    text = fused_config_text(name, spec, member_specs(spec)[0], onnx_digests(entry))
    _replace(entry / CONFIG_FILE, text.encode("utf-8"))
    return entry


def render_config(entry: Path, spec: Spec) -> None:
    """Write `config.pbtxt` of an entry from its spec, the records of its versions and how this machine serves it."""
    _replace(entry / CONFIG_FILE, config_text(spec, records(entry), serving_choice(entry)).encode("utf-8"))


def write_serving_choice(entry: Path, spec: Spec, choice: ServingChoice) -> None:
    """Write how this machine serves an entry, and the configuration anew."""
    _replace(entry / SERVING_FILE, choice.readable_json().encode("utf-8"))
    render_config(entry, spec)


def serving_choice(entry: Path) -> ServingChoice | None:
    """Read how this machine serves an entry; None where nothing says so."""
    file = entry / SERVING_FILE
    return ServingChoice.from_json(file.read_text(encoding="utf-8")) if file.is_file() else None


def render_combining_config(entry: Path, graph: CombiningGraph, *, largest_batch: int) -> None:
    """Write `config.pbtxt` of an entry that only combines from the ONNX files of its versions."""
    text = combining_config_text(graph, onnx_digests(entry), largest_batch=largest_batch)
    _replace(entry / CONFIG_FILE, text.encode("utf-8"))


def onnx_digests(entry: Path) -> dict[int, str]:
    """Return the SHA-256 of the ONNX file of each version."""
    files = entry.glob(f"*/{ONNX_FILE}")
    return {int(file.parent.name): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def records(entry: Path) -> list[WeightsRecord]:
    """Read the weights records of an entry, by version."""
    files = sorted(entry.glob(f"*/{RECORD_FILE}"), key=lambda file: int(file.parent.name))
    return [WeightsRecord.from_json(file.read_text(encoding="utf-8")) for file in files]


def _write_onnx(entry: Path, content: bytes, *, version: int) -> Path:
    folder = entry / str(version)
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / ONNX_FILE, content)
    return entry


def _replace(file: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(0o644)  # mkstemp makes files that only their owner reads; Triton may be another user
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink()
        raise
