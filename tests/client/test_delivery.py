"""Results in a folder: complete lines as they come, a page that shows them, errors that say what to do."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from client.delivery import Delivery
from client.engine import ServedModel
from client.errors import DeliveryError
from client.in_process import InProcessEngine
from client.scoring import ScoringSettings, score_sources
from client.sources import Source, find_sources
from specs.notices import DEMONSTRATION_NOTE, DISCLAIMER
from tests.client.conftest import real_radiograph


def deliver(folder: Path, sources: list[Source], engine: InProcessEngine, model: ServedModel) -> Path:
    with Delivery(folder=folder) as delivery:
        for scored in score_sources(sources, engine, [model], ScoringSettings(heat_maps=True)):
            delivery.add(scored)
        return delivery.finish()


def test_a_folder_gets_lines_pictures_and_a_page_that_names_them(
    tmp_path: Path, phantom_folder: Path, in_process: InProcessEngine, model: ServedModel
) -> None:
    sources = [*list(find_sources([phantom_folder]))[:2], real_radiograph("RG3_UNCR.dcm")]
    page = deliver(tmp_path, sources, in_process, model).read_text(encoding="utf-8")
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["source"] for line in lines] == [source.name for source in sources]
    pictures = sorted((tmp_path / "overlays").iterdir())
    assert len(pictures) == 2
    for picture in pictures:
        assert max(np.asarray(Image.open(picture)).shape) == 640
        assert f"overlays/{picture.name}" in page
    assert DISCLAIMER in page
    assert DEMONSTRATION_NOTE in page
    assert "EXTREMITY" in page


def test_a_name_that_looks_like_markup_is_shown_as_text(
    tmp_path: Path, in_process: InProcessEngine, model: ServedModel
) -> None:
    hostile = Source(path=tmp_path / "nothing", name="<script>alert(1)</script>.dcm")
    page = deliver(tmp_path / "out", [hostile], in_process, model).read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_folder_that_cannot_be_written_is_a_delivery_error_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(DeliveryError, match="Choose another place for --out") as caught,
        Delivery(folder=tmp_path / "file" / "out"),
    ):
        pass
    assert str(tmp_path) not in str(caught.value)


def test_a_second_run_leaves_nothing_of_the_first(
    tmp_path: Path, phantom_folder: Path, in_process: InProcessEngine, model: ServedModel
) -> None:
    sources = list(find_sources([phantom_folder]))
    deliver(tmp_path, sources[:3], in_process, model)
    deliver(tmp_path, sources[:1], in_process, model)
    assert len((tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert len(list((tmp_path / "overlays").iterdir())) == 1


def test_a_full_disk_is_a_delivery_error(
    tmp_path: Path, phantom_folder: Path, in_process: InProcessEngine, model: ServedModel
) -> None:
    (tmp_path / "results.jsonl").symlink_to("/dev/full")
    with pytest.raises(DeliveryError, match="No space left"):
        deliver(tmp_path, list(find_sources([phantom_folder]))[:1], in_process, model)
