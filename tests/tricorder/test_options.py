"""The engine that options name."""

import pytest

from client.batching import GATHERING_S, BatchingEngine
from specs.deployment import Priority
from tricorder.options import EngineChoice, opened_engine
from tricorder.settings import read_settings


@pytest.mark.parametrize(("priority", "gathering_s"), [(Priority.URGENT, 0), (Priority.ORDINARY, GATHERING_S)])
def test_urgent_studies_wait_for_no_others(priority: Priority, gathering_s: float) -> None:
    choice = EngineChoice(in_process=False, client_vote=False, settings=read_settings())
    with opened_engine(choice, priority=priority) as engine:
        assert isinstance(engine, BatchingEngine)
        assert engine.gathering_s == gathering_s
