"""The scenario on a real Triton, in seconds: the parts of the split are those of the whole."""

import pytest
from pydicom import uid
from rich.progress import Progress

from benchmarks.encodings import ENCODERS, encoded_file, windowed_radiograph, written_copies
from benchmarks.prepared_tensors import prepared_tensor
from benchmarks.transfer_syntaxes import TransferSyntaxesRecord, measure
from specs.recipe import CHEST_RADIOGRAPH_320
from tricorder.settings import Settings


@pytest.mark.slow
def test_a_syntax_is_measured_with_its_stages_and_the_share_of_what_the_cores_allow() -> None:
    settings = Settings(workers=2, readers=1)
    record = measure([uid.RLELossless], seconds=4.0, repetitions=1, settings=settings, progress=Progress(disable=True))
    assert TransferSyntaxesRecord.from_json(record.readable_json()) == record
    (found,) = record.syntaxes
    ceiling_per_s = 1 / (1 / found.decoded_per_s + 1 / found.computed_per_s)
    assert found.share_of_ceiling == pytest.approx(found.scored_per_s / ceiling_per_s)
    assert min(found.stages_ms.model_dump().values()) > 0


@pytest.mark.parametrize("syntax", ENCODERS, ids=lambda syntax: syntax.keyword)
def test_the_radiograph_of_every_syntax_is_eligible(syntax: uid.UID) -> None:
    source, image = windowed_radiograph(500, 410, syntax=syntax)
    with written_copies(encoded_file(source, image, syntax), count=1) as (file,):
        assert prepared_tensor(file, CHEST_RADIOGRAPH_320).max() > 200
