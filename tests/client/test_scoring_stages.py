"""Where the time of an input went, as scoring tells where it is wanted."""

from pathlib import Path

import pytest

from client.in_process import InProcessEngine
from client.scoring import ScoringSettings, score_sources
from client.sources import find_sources
from preprocessing.stages import Stage


@pytest.mark.parametrize("readers", [0, 1])
def test_the_stages_of_an_input_are_timed_where_it_is_wanted(
    readers: int, in_process: InProcessEngine, phantom_folder: Path
) -> None:
    models = [in_process.served_model(name) for name in ("mitral_regurgitation", "ejection_fraction")]
    sources = list(find_sources([phantom_folder]))
    timed = list(score_sources(sources, in_process, models, ScoringSettings(readers=readers, timed=True)))
    for scored in timed:
        assert set(scored.stages_s) == (set(Stage) if scored.ends_source else set())
    untimed = list(score_sources(sources, in_process, models, ScoringSettings(readers=readers)))
    assert all(not scored.stages_s for scored in untimed)
    assert [scored.row for scored in untimed] == [scored.row for scored in timed]
