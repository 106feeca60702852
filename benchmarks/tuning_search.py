"""Runs the search of `benchmarks.tuning` on real servers; what was measured is kept, so that it can be resumed."""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from rich.progress import Progress

from benchmarks.errors import NothingFastEnough
from benchmarks.load import Bench, ClosedTrial, LoadPlan
from benchmarks.machine import Machine
from benchmarks.prepared_tensors import asked_in_turn
from benchmarks.served import entries_of, served
from benchmarks.tuning import CLIENTS, Candidate, Measurement, Round, best_first, planned_rounds
from client.call_settings import CallSettings
from client.engine import TensorValue
from client.triton import TritonEngine
from export.entry import write_serving_choice
from specs import SPECS
from specs.declared import Declared
from specs.deployment import Engine, Precision
from specs.model import NetworkSpec

Variants = Mapping[tuple[Engine, Precision], Path]
"""A repository with the version to serve as the newest, for each engine and precision."""

Measure = Callable[[Candidate, float], Measurement]
"""Measures a candidate by trials of a length in seconds."""


class Kept(Declared):
    """What a search has measured so far; of no use on another machine or for other weights."""

    machine: Machine
    model_sha256: str
    measured: tuple[Measurement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search for the best way of serving one model.

    Attributes:
        candidates: All of them.
        bound_ms: That 95 % of the answers must come within.
        minutes: For all measurements, those that are kept from before included.
        kept_file: Where measurements are kept after each.
        model_sha256: Of the weights.
    """

    candidates: Sequence[Candidate]
    bound_ms: float
    minutes: float
    kept_file: Path
    model_sha256: str

    def run(self, measure: Measure, progress: Progress) -> tuple[Measurement, ...]:
        """Measure round by round.

        Returns:
            All measurements of rounds that all took part in.

        Raises:
            NothingFastEnough: no candidate keeps the bound, or none could be measured in the time.
        """
        rounds = planned_rounds(len(self.candidates), minutes=self.minutes)
        task = progress.add_task("measuring", total=sum(each.candidates for each in rounds))
        left, measured = list(self.candidates), list[Measurement]()
        for each in rounds:
            found = self._round(each, left[: each.candidates], measure, lambda: progress.advance(task))
            if len(found) < each.candidates and measured:
                break  # the time is over: the round before decides
            measured.extend(measurement for measurement in found if measurement not in measured)
            left = [measurement.candidate for measurement in best_first(found, bound_ms=self.bound_ms)]
        if not any(each.rate_within(self.bound_ms) for each in measured):
            least_ms = min((each.least_ms for each in measured), default=None)
            raise NothingFastEnough(bound_ms=self.bound_ms, least_ms=least_ms)
        return tuple(measured)

    def winner(self, measured: Sequence[Measurement]) -> Measurement:
        """Return the best of those that were measured for longest and keep the bound."""
        keeping = [each for each in measured if each.rate_within(self.bound_ms)]
        longest_s = max(each.duration_s for each in keeping)
        return best_first([each for each in keeping if each.duration_s == longest_s], bound_ms=self.bound_ms)[0]

    def _round(
        self, planned: Round, candidates: Sequence[Candidate], measure: Measure, advance: Callable[[], None]
    ) -> list[Measurement]:
        found = []
        for candidate in candidates:
            kept = self._kept()
            known = [
                each for each in kept.measured if each.candidate == candidate and each.duration_s == planned.duration_s
            ]
            if not known:
                if self._spent_s(kept) > 60 * self.minutes:
                    break
                known = [measure(candidate, planned.duration_s)]
                self._keep(kept.model_copy(update={"measured": (*kept.measured, *known)}))
            found.append(known[0])
            advance()
        return found

    def _spent_s(self, kept: Kept) -> float:
        """Return what measurements of this plan have taken; those of another are neither used nor counted."""
        planned = {each.duration_s for each in planned_rounds(len(self.candidates), minutes=self.minutes)}
        return sum(each.spent_s for each in kept.measured if each.duration_s in planned)

    def _kept(self) -> Kept:
        fresh = Kept(machine=Machine.here(), model_sha256=self.model_sha256)
        try:
            kept = Kept.from_json(self.kept_file.read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return fresh
        same = (kept.machine, kept.model_sha256) == (fresh.machine, fresh.model_sha256)
        return kept if same else fresh

    def _keep(self, kept: Kept) -> None:
        self.kept_file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.kept_file.with_suffix(".unfinished")
        unfinished.write_text(kept.readable_json(), encoding="utf-8")
        unfinished.replace(self.kept_file)


@dataclass(frozen=True, kw_only=True)
class ServedTrials:
    """Measures candidates of one model on real servers.

    Attributes:
        model: Its name.
        variants: What is served.
        tensors: That requests take turns with.
        load: Of the machine before the search.
    """

    model: str
    variants: Variants
    tensors: Sequence[TensorValue]
    load: float

    def measure(self, candidate: Candidate, duration_s: float) -> Measurement:
        """Serve a candidate and send requests in closed loop, with growing numbers of clients."""
        started_s = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
            _write_candidate(Path(folder), self.variants[candidate.engine, candidate.precision], self.model, candidate)
            trials = self._trials(Path(folder), duration_s)
        return Measurement(
            candidate=candidate,
            duration_s=duration_s,
            spent_s=round(time.monotonic() - started_s, 1),
            closed=trials,
        )

    def _trials(self, repository: Path, duration_s: float) -> tuple[ClosedTrial, ...]:
        plan = LoadPlan(model=self.model, clients=CLIENTS, shares=(), duration_s=duration_s, seed=0)
        with (
            served([self.model], repository=repository, load=self.load) as server,
            TritonEngine(CallSettings(address=server.address)) as engine,
        ):
            send = asked_in_turn(engine, engine.served_model(self.model), self.tensors)
            bench = Bench(server=server, plan=plan, send=send)
            return tuple(bench.closed(clients) for clients in CLIENTS)


def networks_of(model: str) -> list[NetworkSpec]:
    """Return what of a model is tuned: itself, or the networks that an ensemble runs."""
    found = [SPECS[name] for name in entries_of(model) if name in SPECS]
    return [spec for spec in found if isinstance(spec, NetworkSpec)]


def _write_candidate(folder: Path, repository: Path, model: str, candidate: Candidate) -> None:
    """Make a repository of links into another, but for how the networks are served."""
    networks = {spec.name: spec for spec in networks_of(model)}
    for name in entries_of(model):
        (folder / name).mkdir()
        for part in (repository / name).iterdir():
            if part.is_dir():
                (folder / name / part.name).symlink_to(part.resolve())
            else:
                shutil.copy(part, folder / name)
        if name in networks:
            write_serving_choice(folder / name, networks[name], candidate.serving)
