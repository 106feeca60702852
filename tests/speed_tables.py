"""Tables of speed for the README and docs/benchmarks.md: every figure is one of a committed record."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.decoding import DecodingRecord
from benchmarks.engines import EnginesRecord
from benchmarks.fidelity import FidelityRecord
from benchmarks.file_to_result import FileToResultRecord
from benchmarks.load import LoadRecord, Trial
from benchmarks.peers import PeersRecord
from benchmarks.preparing import PreparingRecord
from benchmarks.transfer_syntaxes import TransferSyntaxesRecord
from benchmarks.urgent import UrgentRecord
from benchmarks.vote import VoteRecord
from benchmarks.wire import WireRecord
from evaluation.markdown import Markdown, code, table
from specs.declared import Declared
from tests.comparison_tables import engine_highlights, engines_text, peer_highlights, peers_text, vote_text
from tests.fidelity_tables import fidelity_text
from tests.speed_cells import (
    NOT_KNOWN,
    conditions_words,
    machine_words,
    percentile_cell,
    range_cell,
    rate_cell,
    times_cell,
)

NO_RECORD = Markdown("No record yet: no machine was quiet enough.\n")


class Scenario(NamedTuple):
    """How a scenario is shown.

    Attributes:
        record: What its records are.
        shown: Makes the text under its heading in docs/benchmarks.md.
        highlights: Yields what the README says of it: a line of what was measured and the figure.
    """

    record: type[Declared]
    shown: Callable[[Any], str]
    highlights: Callable[[Any], Iterator[tuple[str, str]]]


def scenario_text(name: str, folder: Path) -> str:
    """Return what is shown of a scenario's record; that there is none, where there is none."""
    record = _record(name, folder)
    return NO_RECORD if record is None else SCENARIOS[name].shown(record)


def highlights_table(folder: Path) -> Markdown:
    """Return the table of the README, of the scenarios that have a record."""
    rows = []
    for name, scenario in SCENARIOS.items():
        record = _record(name, folder)
        if record is not None:
            rows += [(what, figure) for what, figure in scenario.highlights(record)]
    return table(rows, "measured in one run", "figure")


def _record(name: str, folder: Path) -> Declared | None:
    file = folder / f"{name}.json"
    return SCENARIOS[name].record.from_json(file.read_text(encoding="utf-8")) if file.exists() else None


def _transfer_syntaxes(record: TransferSyntaxesRecord) -> str:
    rates = table(
        (
            (
                each.syntax,
                *map(rate_cell, (each.scored_per_s, each.decoded_per_s, each.computed_per_s)),
                f"{each.share_of_ceiling:.2f}",
            )
            for each in record.syntaxes
        ),
        "transfer syntax", "studies/s", "D", "C", "share of 1 / (1/D + 1/C)",
    )  # fmt: skip
    stages = table(
        (
            (each.syntax, *(f"{own_ms:.1f}" for own_ms in each.stages_ms.model_dump().values()))
            for each in record.syntaxes
        ),
        "ms of a study", *(record.syntaxes[0].stages_ms.model_dump() if record.syntaxes else ()),
    )  # fmt: skip
    rows, columns = record.matrix
    of = f"Radiographs of {rows} x {columns}, {record.readers} reader processes, {record.workers} workers."
    plot = "![Studies a second in each transfer syntax](transfer_syntaxes.svg)"
    return f"{conditions_words(record.conditions)} {of}\n\n{plot}\n\n{rates}\n\n{stages}\n"


def _transfer_syntax_highlights(record: TransferSyntaxesRecord) -> Iterator[tuple[str, str]]:
    shares = [each.share_of_ceiling for each in record.syntaxes]
    rows, columns = record.matrix
    yield (
        f"radiographs of {rows} x {columns}, file to result, over what decoding and computing alone allow",
        f"{range_cell(shares)}, by transfer syntax",
    )


def _load(record: LoadRecord) -> str:
    closed = table(((each.clients, *_trial_cells(each.trial)) for each in record.closed), "clients", *_TRIAL_HEADINGS)
    opened = table(
        (
            (f"{each.arrivals_per_s:.3g} ({each.share:.0%})", *_trial_cells(each.trial), f"{each.latest_start_ms:.3g}")
            for each in record.open
        ),
        "arrivals/s (of the largest rate)", *_TRIAL_HEADINGS, "latest start, ms",
    )  # fmt: skip
    of = f"`{record.entry.model}`, trials of {record.duration_s:g} s."
    return (
        f"{conditions_words(record.conditions)} {of}\n\n![Latency over throughput](load.svg)\n\n{closed}\n\n{opened}\n"
    )


_TRIAL_HEADINGS = (
    "answers/s", "p50, ms", "p95, ms", "p99, ms", "p99.9, ms", "queue, ms", "compute, ms", "mean batch",
    "client, MB", "server, MB", "stubs, MB",
)  # fmt: skip


def _trial_cells(trial: Trial) -> tuple[str, ...]:
    times = trial.server[-1]
    return (
        rate_cell(trial.answered_per_s),
        *(percentile_cell(trial.latency, percent) for percent in (50, 95, 99, 99.9)),
        f"{times.queue_ms:.3g}",
        f"{times.compute_ms:.3g}",
        f"{times.mean_batch:.1f}",
        *(f"{trial.resources[part].pss_bytes / 1e6:.0f}" for part in ("client", "server", "stubs")),
    )


def _load_highlights(record: LoadRecord) -> Iterator[tuple[str, str]]:
    one, most = record.closed[0], max(record.closed, key=lambda each: each.trial.answered_per_s)
    p50, p99 = (one.trial.latency.at(percent).ms for percent in (50, 99))
    rate = f"{rate_cell(most.trial.answered_per_s)}/s with {most.clients} clients"
    yield (
        Markdown(
            f"{code(record.entry.model)} served, prepared tensors: p50 and p99 of {one.clients} client; largest rate"
        ),
        f"{p50:.3g} and {p99:.3g} ms; {rate}",
    )


def _urgent(record: UrgentRecord) -> str:
    conditions = {"unloaded": record.unloaded, "urgent, flood": record.urgent, "ordinary, flood": record.ordinary}
    latencies = table(
        (
            (name, latency.requests, *(percentile_cell(latency, percent) for percent in (50, 95, 99, 99.9)))
            for name, latency in conditions.items()
        ),
        "studies", "number", "p50, ms", "p95, ms", "p99, ms", "p99.9, ms",
    )  # fmt: skip
    flood = record.flood
    said = (
        f"p99 under the flood is {record.p99_ratio:.2f} times the unloaded one "
        f"(at most {times_cell(record.largest_p99_ratio)}); twice that and one batch are {record.p99_bound_ms:.3g} ms. "
        f"The flood of {flood.clients} requests reaches {rate_cell(flood.alone_per_s)} studies/s alone and "
        f"{rate_cell(flood.beside_urgent_per_s)} beside urgent studies: it loses {flood.lost_share:.1%}. "
        f"Its batches hold {flood.mean_batch:.1f} and take {flood.batch_ms:.3g} ms."
    )
    return f"{conditions_words(record.conditions)} {record.arrivals_per_s:g} studies/s.\n\n{latencies}\n\n{said}\n"


def _urgent_highlights(record: UrgentRecord) -> Iterator[tuple[str, str]]:
    yield (
        "urgent study, file to result, p99 while a flood saturates the server, over unloaded; what the flood loses",
        f"{record.p99_ratio:.2f}; {record.flood.lost_share:.1%}",
    )


def _decoding(record: DecodingRecord) -> str:
    timings = table(
        (
            (each.syntax, f"{each.ours_ms:g}", f"{each.pydicom_ms or NOT_KNOWN}", times_cell(each.times_faster))
            for each in record.timings
        ),
        "transfer syntax", "ours, ms", "pydicom's default, ms", "times as fast",
    )  # fmt: skip
    rows, columns = record.matrix
    return f"{machine_words(record.machine)} One radiograph of {rows} x {columns}.\n\n{timings}\n"


def _decoding_highlights(record: DecodingRecord) -> Iterator[tuple[str, str]]:
    faster = [each.times_faster for each in record.timings if each.times_faster is not None]
    rows, columns = record.matrix
    yield (
        f"decoding a radiograph of {rows} x {columns} over pydicom's default, in {len(faster)} transfer syntaxes",
        f"{range_cell(faster)} times as fast",
    )


def _preparing(record: PreparingRecord) -> str:
    compared = table(
        (
            (window, f"{each.ours_ms:.1f}", f"{each.pydicom_ms:.1f}", times_cell(each.ratio))
            for window, each in record.comparisons.items()
        ),
        "VOI LUT function", "ours, ms", "pydicom's functions, ms", "times as fast",
    )  # fmt: skip
    return f"{machine_words(record.machine)} {record.rows} x {record.columns}, 16 bits.\n\n{compared}\n"


def _preparing_highlights(record: PreparingRecord) -> Iterator[tuple[str, str]]:
    ratios = [each.ratio for each in record.comparisons.values()]
    yield (
        f"stored pixels of {record.rows} x {record.columns} to input tensor over pydicom's functions",
        f"{range_cell(ratios)} times as fast",
    )


def _file_to_result(record: FileToResultRecord) -> str:
    ways = table(
        ((each.engine, each.readers, rate_cell(each.median_studies_per_s)) for each in record.ways),
        "engine", "reader processes", "studies/s",
    )  # fmt: skip
    return (
        f"{machine_words(record.machine)} {record.studies} small phantoms, from the start of the command.\n\n{ways}\n"
    )


def _wire(record: WireRecord) -> str:
    compared = table(
        (
            (each.batch, each.request_bytes, *(f"{share:.2f}" for share in (each.cpu_ratio, *each.cpu_ratio_quartiles)),
             f"{each.latency_ratio:.2f}")
            for each in record.comparisons
        ),
        "radiographs", "bytes", "CPU, shared memory over inline", "first quartile", "third quartile", "latency",
    )  # fmt: skip
    return f"{machine_words(record.machine)} Load {record.load:.1f}.\n\n{compared}\n"


def _none(_record: Declared) -> Iterator[tuple[str, str]]:
    yield from ()


SCENARIOS: dict[str, Scenario] = {
    "transfer_syntaxes": Scenario(TransferSyntaxesRecord, _transfer_syntaxes, _transfer_syntax_highlights),
    "peers": Scenario(PeersRecord, peers_text, peer_highlights),
    "load": Scenario(LoadRecord, _load, _load_highlights),
    "urgent": Scenario(UrgentRecord, _urgent, _urgent_highlights),
    "decoding": Scenario(DecodingRecord, _decoding, _decoding_highlights),
    "preparing": Scenario(PreparingRecord, _preparing, _preparing_highlights),
    "file_to_result": Scenario(FileToResultRecord, _file_to_result, _none),
    "engines": Scenario(EnginesRecord, engines_text, engine_highlights),
    "vote": Scenario(VoteRecord, vote_text, _none),
    "fidelity": Scenario(FidelityRecord, fidelity_text, _none),
    "wire": Scenario(WireRecord, _wire, _none),
}
