"""Folders as they occur: one radiograph in every encoding, and every kind of bad input among good ones."""

import os
import struct
import zipfile
import zlib
from pathlib import Path

import pydicom
import pytest
from pydicom import uid
from pydicom.data import get_testdata_file

from client.engine import ServedModel
from client.in_process import InProcessEngine
from client.result import ResultRow, Status
from client.scoring import ScoringSettings, score_sources
from client.sources import Source, find_sources
from phantoms import Part, radiograph_cohort, write_cohort
from tests.client.conftest import real_radiograph
from tests.preprocessing.encodings import LOSSLESS_ENCODERS, dcmtk, encapsulated, in_lossless_syntaxes, read, written

RADIOGRAPH = Path(str(get_testdata_file("RG1_UNCR.dcm", download=False)))

DCMTK_COMMANDS = {
    "implicit": ("dcmconv", "+ti"),
    "explicit": ("dcmconv", "+te"),
    "big endian": ("dcmconv", "+tb"),
    "deflated": ("dcmconv", "+td"),
    "RLE": ("dcmcrle",),
    "JPEG lossless": ("dcmcjpeg", "+el"),
    "JPEG lossless SV1": ("dcmcjpeg", "+e1"),
    "JPEG-LS": ("dcmcjpls", "+el"),
}
"""Programs of DCMTK and the option of each syntax that they write without loss."""

LOSSLESS_SYNTAXES = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
    *LOSSLESS_ENCODERS,
)

J2KI_PROBABILITY_SHIFT = 1e-5
"""How far the lossy JPEG 2000 twin of RG1 may be from it; measured: 1.6e-6."""


def scored(paths: list[Path], engine: InProcessEngine, model: ServedModel, *, readers: int = 0) -> list[ResultRow]:
    sources = [Source(path=path, name=path.name) for path in paths]
    return [one.row for one in score_sources(sources, engine, [model], ScoringSettings(readers=readers))]


def probability(path: Path, engine: InProcessEngine, model: ServedModel) -> float:
    (row,) = scored([path], engine, model)
    assert row.status is Status.SCORED, row.reason
    assert row.value is not None
    return row.value


@pytest.mark.parametrize("name", DCMTK_COMMANDS)
def test_a_radiograph_encoded_by_dcmtk_keeps_its_probability(
    name: str, in_process: InProcessEngine, model: ServedModel, tmp_path: Path
) -> None:
    command, *options = DCMTK_COMMANDS[name]
    assert dcmtk(command, RADIOGRAPH, tmp_path / "encoded", *options) is not None
    assert probability(tmp_path / "encoded", in_process, model) == probability(RADIOGRAPH, in_process, model)


@pytest.fixture(scope="module")
def encodings() -> dict[str, bytes]:
    """The radiograph in every syntax that loses nothing."""
    return in_lossless_syntaxes(pydicom.dcmread(RADIOGRAPH))


@pytest.mark.parametrize("syntax", LOSSLESS_SYNTAXES, ids=lambda syntax: uid.UID(syntax).keyword)
def test_a_radiograph_in_every_lossless_syntax_keeps_its_probability(
    syntax: str, encodings: dict[str, bytes], in_process: InProcessEngine, model: ServedModel, tmp_path: Path
) -> None:
    (tmp_path / "encoded").write_bytes(encodings[syntax])
    assert pydicom.dcmread(tmp_path / "encoded").file_meta.TransferSyntaxUID == syntax
    assert probability(tmp_path / "encoded", in_process, model) == probability(RADIOGRAPH, in_process, model)


def test_the_lossy_twin_moves_the_probability_less_than_its_bound(
    in_process: InProcessEngine, model: ServedModel
) -> None:
    lossy = real_radiograph("RG1_J2KI.dcm").path
    shift = probability(lossy, in_process, model) - probability(RADIOGRAPH, in_process, model)
    assert abs(shift) <= J2KI_PROBABILITY_SHIFT


BAD_FILES = {
    *(f"bad_cut_{tenth}" for tenth in range(10)),
    "bad_no_pixels", "bad_no_rows", "bad_half_the_pixels", "bad_0x0", "bad_60000x60000", "bad_view",
    "bad_video", "bad_syntax", "bad_rle_bomb", "bad_deflate_bomb", "bad_bomb.png",
    "bad_text", "bad_zip.dcm", "bad_link", "bad_folder/text", r"bad_\xff\xfe_name",
}  # fmt: skip
"""What `fill_with_bad_files` writes, by the names of the sources: one of every kind, a file cut at every tenth."""


def fill_with_bad_files(folder: Path) -> None:
    """Write one file of every kind that cannot be scored; their names begin with `bad`."""
    whole = RADIOGRAPH.read_bytes()
    for tenth in range(10):
        (folder / f"bad_cut_{tenth}").write_bytes(whole[: len(whole) * tenth // 10])
    changes: dict[str, dict[str, object]] = {
        "bad_no_pixels": {"PixelData": None},
        "bad_no_rows": {"Rows": None},
        "bad_half_the_pixels": {"PixelData": pydicom.dcmread(RADIOGRAPH).PixelData[: 1024 * 1024]},
        "bad_0x0": {"Rows": 0, "Columns": 0},
        "bad_60000x60000": {"Rows": 60000, "Columns": 60000},
        "bad_view": {"ViewPosition": "LATERAL"},
    }
    for name, attributes in changes.items():
        ds = pydicom.dcmread(RADIOGRAPH)
        for keyword, value in attributes.items():
            if value is None:
                delattr(ds, keyword)
            else:
                setattr(ds, keyword, value)
        (folder / name).write_bytes(written(ds))
    write_foreign_syntaxes_and_bombs(folder)
    (folder / "bad_text").write_text("Lorem ipsum", encoding="utf-8")
    with zipfile.ZipFile(folder / "bad_zip.dcm", "w") as archive:
        archive.writestr("radiograph.dcm", whole)
    (folder / "bad_link").symlink_to(folder / "nowhere")
    (folder / "bad_folder").mkdir()
    (folder / "bad_folder" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "bad_folder" / "text").write_bytes(b"x")
    Path(os.fsdecode(os.fsencode(folder) + b"/bad_\xff\xfe_name")).write_bytes(b"no image")


def write_foreign_syntaxes_and_bombs(folder: Path) -> None:
    """Pixels in a syntax for video, a made-up one, and three that expand to far more than they are."""
    ds = pydicom.dcmread(RADIOGRAPH)
    for name, syntax in (("bad_video", uid.MPEG2MPML), ("bad_syntax", uid.UID("1.2.3.4.5"))):
        (folder / name).write_bytes(written(encapsulated(ds, syntax, b"\0" * 4096)))
    rle_bomb = struct.pack("<16L", 2, 64, 64 + 2_000_000, *[0] * 13) + b"\x81\x00" * 2_000_000
    (folder / "bad_rle_bomb").write_bytes(written(encapsulated(ds, uid.RLELossless, rle_bomb)))
    ds = read(written(ds))
    ds.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    deflated = written(ds)
    head = deflated[: 144 + struct.unpack("<L", deflated[140:144])[0]]
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    (folder / "bad_deflate_bomb").write_bytes(head + squeezer.compress(bytes(1 << 30)) + squeezer.flush())
    png = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">LLBBBBB", 60000, 60000, 16, 0, 0, 0, 0))
    (folder / "bad_bomb.png").write_bytes(png + png_chunk(b"IDAT", zlib.compress(bytes(1 << 20))))


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def test_every_good_file_of_a_bad_folder_is_scored_and_every_bad_one_named(
    in_process: InProcessEngine, model: ServedModel, tmp_path: Path
) -> None:
    good = [path.name for path in write_cohort(tmp_path, radiograph_cohort(Part.TEST, count=4))]
    fill_with_bad_files(tmp_path)
    sources = list(find_sources([tmp_path]))
    vanishing = tmp_path / "bad_vanishing"
    sources.insert(7, Source(path=vanishing, name=vanishing.name))  # listed, and gone when its turn comes
    rows = [one.row for one in score_sources(sources, in_process, [model], ScoringSettings(readers=2))]
    assert [row.source for row in rows] == [source.name for source in sources]
    assert [row.source for row in rows if row.status is Status.SCORED] == good
    bad = {row.source: row for row in rows if row.status is not Status.SCORED}
    assert set(bad) == {*BAD_FILES, vanishing.name}
    assert [name for name, row in bad.items() if row.status is Status.NOT_ELIGIBLE] == [
        "bad_0x0", "bad_60000x60000", "bad_bomb.png", "bad_view",
    ]  # fmt: skip
    for row in bad.values():
        assert row.value is None
        assert row.reason
        assert str(tmp_path) not in row.reason
        assert "Unexpected" not in row.reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(in_process: InProcessEngine, model: ServedModel, tmp_path: Path) -> None:
    secret = tmp_path / "secret.dcm"
    secret.write_bytes(RADIOGRAPH.read_bytes())
    secret.chmod(0)
    first, second = scored([secret, RADIOGRAPH], in_process, model)
    assert "Permission denied" in (first.reason or "")
    assert second.status is Status.SCORED
