"""Tables of the scenarios that compare engines, peers and ways to vote."""

from collections.abc import Iterator

from benchmarks.engines import EnginesRecord
from benchmarks.peers import PeersRecord
from benchmarks.vote import VoteRecord
from evaluation.markdown import code, table
from specs.network import Preset
from tests.speed_cells import (
    NOT_KNOWN,
    conditions_words,
    percentile_cell,
    range_cell,
    rate_cell,
    ratio_cell,
    times_cell,
)


def peers_text(record: PeersRecord) -> str:
    """Return what docs/benchmarks.md shows of a record."""
    files = table(
        (
            (
                each.syntax,
                *map(rate_cell, (each.tricorder_per_s, each.eager_per_s, each.compiled_per_s)),
                *map(times_cell, (each.times_eager, each.times_compiled)),
            )
            for each in record.files
        ),
        "transfer syntax", "Tricorder, studies/s", "pydicom and PyTorch eager", "DataLoader and torch.compile",
        "times the loop", "times torch.compile",
    )  # fmt: skip
    serving = table(
        (
            (each.peer, rate_cell(each.answered_per_s), *map(rate_cell, (each.p50_ms, each.p99_ms)))
            for each in record.serving
        ),
        f"prepared tensors, {record.clients} clients", "answers/s", "p50, ms", "p99, ms",
    )  # fmt: skip
    absent = "".join(f"Absent: {remedy}.\n" for remedy in record.absent.values())
    return f"{conditions_words(record.conditions)} Network `{record.preset}`.\n\n{files}\n\n{serving}\n\n{absent}"


def peer_highlights(record: PeersRecord) -> Iterator[tuple[str, str]]:
    """Yield what the README says of a record."""
    times = [each.times_eager for each in record.files if each.times_eager is not None]
    if times:
        yield "file to result over pydicom's defaults and PyTorch eager in a loop", f"{range_cell(times)} times"


def engines_text(record: EnginesRecord) -> str:
    """Return what docs/benchmarks.md shows of a record."""
    models = table(
        (
            (code(model.entry.model), model.preset, f"{each.precision} in {each.engine}",
             *map(rate_cell, (each.alone_per_s, each.served_per_s)), ratio_cell(each.times_baseline),
             ratio_cell(each.served_share), f"{each.alone_cpu_ms:.3g}", f"{each.added_cpu_ms:.2g}",
             NOT_KNOWN if each.times_mlserver is None else ratio_cell(each.times_mlserver))
            for model in record.models for each in model.engines
        ),
        "model", "preset", "engine", "alone, studies/s", "served", "alone over ONNX Runtime fp32", "served over alone",
        "CPU alone, ms", "CPU that serving adds, ms", "served over MLServer",
    )  # fmt: skip
    absent = f"Absent: {record.absent}.\n" if record.absent else ""
    lengths = [model.seconds for model in record.models]
    seconds = " to ".join(dict.fromkeys(f"{each:.3g}" for each in (min(lengths), max(lengths))))
    of = f"{record.clients} studies under way, {record.repetitions} passes of {seconds} s."
    return f"{conditions_words(record.conditions)} {of}\n\n{models}\n\n{absent}"


def engine_highlights(record: EnginesRecord) -> Iterator[tuple[str, str]]:
    """Yield what the README says of a record."""
    published = [model.fastest for model in record.models if model.preset is Preset.PAPER]
    if published:
        times = range_cell([each.times_baseline.median for each in published])
        yield (
            "published networks, the fastest engine served: over ONNX Runtime fp32 alone; served over the engine alone",
            f"{times} times; {range_cell([each.served_share.median for each in published])}",
        )


def vote_text(record: VoteRecord) -> str:
    """Return what docs/benchmarks.md shows of a record."""
    trials = table(
        (
            (trial.clients, each.way, rate_cell(each.answered_per_s), ratio_cell(each.rate_ratio),
             *(percentile_cell(each.latency, percent) for percent in (50, 95, 99)), ratio_cell(each.p50_ratio),
             f"{each.cpu_ms:.3g}", ratio_cell(each.cpu_ratio))
            for trial in record.trials for each in trial.ways
        ),
        "clients", "who votes", "studies/s", "over the ensemble's", "p50, ms", "p95, ms", "p99, ms",
        "p50 over the ensemble's", "CPU, ms", "over the ensemble's",
    )  # fmt: skip
    of = f"`{record.entry.model}`, networks `{record.preset}`, {record.repetitions} passes of {record.seconds:g} s."
    alike = f"Answers differ from the ensemble's by at most {record.largest_difference:.1g}."
    return f"{conditions_words(record.conditions)} {of} {alike}\n\n{trials}\n"
