"""`tricorder tune`: which engine, precision, instances, threads and batch delay serve a model best on this machine."""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specs.contract import ImageSpec
from specs.entry import TUNING_FILE
from tricorder.data_option import FEWEST_TRAINING_PHANTOMS, DataOnDisk, DataType, Phantoms
from tricorder.export import require_own_repository
from tricorder.places import BUILD, BUILT_REPOSITORY, SERVER_ENVIRONMENT
from tricorder.source_option import SourceChoice, source_options
from tricorder.terminal import progress_bar, say
from tricorder.training_extra import require_training_extra
from tricorder.variants import COMPARED_PHANTOMS, IMAGE_MODELS, gated, variant_studies

if TYPE_CHECKING:
    from benchmarks.tuned_variants import TunedVariants
    from benchmarks.tuning import Measurement, TuningRecord
    from export.source_version import SourceVersion


@click.command(epilog="\b\nExample:\n  tricorder tune mitral_regurgitation --latency-ms 100 --minutes 15")
@click.argument("model", type=click.Choice(sorted(IMAGE_MODELS)))
@click.option(
    "--latency-ms",
    "bound_ms",
    type=click.FloatRange(min=0, min_open=True),
    default=250.0,
    show_default=True,
    help="Within so many milliseconds 95 % of the answers must come.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=15.0,
    show_default=True,
    help="For all measurements, those of a run that is resumed included; variants are made before.",
)
@click.option(
    "--data",
    type=DataType(fewest_phantoms=FEWEST_TRAINING_PHANTOMS),
    default=f"phantoms:{COMPARED_PHANTOMS}",
    show_default=True,
    help="What variants are compared and int8 is calibrated on, as for `tricorder variants`.",
)
@source_options("to tune", default="the newest")
@click.option(
    "--repository",
    type=click.Path(path_type=Path, file_okay=False),
    default=BUILT_REPOSITORY,
    show_default="build/model_repository",
    help="Where the winner goes.",
)
@click.option(
    "--kept",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where variants and measurements are kept, so that a run can be resumed.  [default: build/tuning/MODEL]",
)
def command(
    model: str,
    *,
    bound_ms: float,
    minutes: float,
    data: Phantoms | DataOnDisk,
    repository: Path,
    kept: Path | None,
    **source: Any,
) -> None:
    """Measure ways of serving MODEL on this machine, and write the best one into a repository.

    First variants are made for each engine and precision, through the parity gate. Then candidates, each with its
    instances, threads and batch delay, are served by a real Triton and asked in closed loop: all of them briefly, the
    better third for longer, and so on. The winner has the largest rate at which the latency bound is kept. Ctrl-C ends
    it; the same command goes on where it ended.

    The entry gets the winner as its newest version, its settings in serving.json and the measurements in tuning.json.
    Figures need a machine with nothing else to do. Needs the train extra.
    """
    require_training_extra()
    require_own_repository(repository)
    from benchmarks.served import checked_load

    load, spec = checked_load(), IMAGE_MODELS[model]
    original = SourceChoice(**source).read(repository, spec, recalibrated=True)
    variants = _variants(original, data, kept or BUILD / "tuning" / model)
    record = _searched(spec, variants, bound_ms=bound_ms, minutes=minutes, load=load)
    _write(variants, record, repository)


def _variants(source: "SourceVersion", data: Phantoms | DataOnDisk, folder: Path) -> "TunedVariants":
    from benchmarks.tuned_variants import TunedVariants
    from serving import ServerInstallation

    studies = cache(lambda: variant_studies(source.spec, data))  # prepared where a variant is still to be made
    return TunedVariants(
        source=source,
        folder=folder,
        make=lambda choice: gated(source, choice, studies()),
        installation=ServerInstallation.open(SERVER_ENVIRONMENT),
    )


def _searched(
    spec: ImageSpec, variants: "TunedVariants", *, bound_ms: float, minutes: float, load: float
) -> "TuningRecord":
    from benchmarks.load import INPUTS
    from benchmarks.machine import Machine
    from benchmarks.prepared_tensors import prepared_tensors
    from benchmarks.tuning import Candidate, TuningRecord, serving_choices
    from benchmarks.tuning_search import Search, ServedTrials

    repositories, left_out = variants.collect()
    for each in left_out:
        say(f"Left out: {each.precision} for {each.engine}, for {each.reason}")
    source, machine = variants.source.record, Machine.here()
    candidates = [
        Candidate(engine=engine, precision=precision, serving=serving)
        for engine, precision in repositories
        for serving in serving_choices(os.cpu_count() or 1)
    ]
    search = Search(
        candidates=candidates,
        bound_ms=bound_ms,
        minutes=minutes,
        kept_file=variants.folder / "measured.json",
        model_sha256=source.model_sha256,
    )
    with progress_bar() as bar:
        tensors = prepared_tensors(spec.recipe, count=INPUTS, progress=bar)
        trials = ServedTrials(model=spec.name, variants=repositories, tensors=tensors, load=load)
        measured = search.run(trials.measure, bar)
    return TuningRecord(
        machine=machine,
        server_packages=variants.installation.packages(),
        load=load,
        model=spec.name,
        of_version=source.version,
        of_model_sha256=source.model_sha256,
        latency_bound_ms=bound_ms,
        minutes=minutes,
        left_out=left_out,
        measured=measured,
        winner=search.winner(measured).candidate,
    )


def _write(variants: "TunedVariants", record: "TuningRecord", repository: Path) -> None:
    from benchmarks.tuning_search import networks_of
    from export.entry import write_serving_choice
    from export.run import EntryVersion

    winner = record.winner
    version = variants.write(winner.engine, winner.precision, EntryVersion(repository=repository)).version
    for network in networks_of(record.model):
        write_serving_choice(repository / network.name, network, winner.serving)
    (repository / record.model / TUNING_FILE).write_text(record.readable_json(), encoding="utf-8")
    for measurement in record.measured:
        say(_line(measurement, record.latency_bound_ms))
    say(
        f"Written: {record.model} version {version}, {winner.precision} for {winner.engine}, "
        f"{winner.serving.instances} instances of {winner.serving.threads} threads, "
        f"batches wait up to {winner.serving.queue_delay_us} us."
    )


def _line(measurement: "Measurement", bound_ms: float) -> str:
    candidate, serving = measurement.candidate, measurement.candidate.serving
    return (
        f"{candidate.engine} {candidate.precision}, {serving.instances} x {serving.threads} threads, "
        f"{serving.queue_delay_us} us: {measurement.rate_within(bound_ms):.1f} studies/s within the bound "
        f"(trials of {measurement.duration_s:g} s)"
    )
