"""Repository entries: ONNX file, weights record and configuration on disk."""

import os
import tempfile
from pathlib import Path

from export.config import config_text
from specs import SPECS
from specs.entry import CONFIG_FILE, ONNX_FILE, RECORD_FILE
from specs.model import ModelSpec
from specs.weights import WeightsRecord


def write_entry(repository: Path, spec: ModelSpec, record: WeightsRecord, content: bytes) -> Path:
    """Write one version of a model, its files each at once or not at all, the configuration last.

    Returns:
        The entry's folder.
    """
    entry = repository / spec.name
    version = entry / str(record.version)
    version.mkdir(parents=True, exist_ok=True)
    _replace(version / ONNX_FILE, content)
    _replace(version / RECORD_FILE, record.readable_json().encode("utf-8"))
    render_config(entry, spec)
    return entry


def render_config(entry: Path, spec: ModelSpec) -> None:
    """Write `config.pbtxt` of an entry from its spec and the records of its versions."""
    _replace(entry / CONFIG_FILE, config_text(spec, records(entry)).encode("utf-8"))


def records(entry: Path) -> list[WeightsRecord]:
    """Read the weights records of an entry, by version."""
    files = sorted(entry.glob(f"*/{RECORD_FILE}"), key=lambda file: int(file.parent.name))
    return [WeightsRecord.from_json(file.read_text(encoding="utf-8")) for file in files]


def regenerate(repository: Path) -> list[str]:
    """Render the configuration of every entry anew from today's specs; weights stay as they are.

    Returns:
        Names of the entries.
    """
    present = [spec for spec in SPECS.values() if (repository / spec.name).is_dir()]
    for spec in present:
        render_config(repository / spec.name, spec)
    return [spec.name for spec in present]


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
