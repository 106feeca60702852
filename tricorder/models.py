"""`tricorder models`: what a server, or a repository, offers."""

from typing import assert_never

import click
from rich.table import Table

from client.engine import ServedModel
from client.errors import ContractError
from specs.volume_figures import OrganPerformance, PerfusionPerformance
from specs.weights import FindingPerformance, OutcomePerformance, Performance, QuantityPerformance
from tricorder.options import EngineChoice, engine_options, opened_engine, step_names
from tricorder.terminal import STANDARD_OUTPUT, say


@click.command(epilog="\b\nExample:\n  tricorder models --server 127.0.0.1:8001")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a model: its whole contract.")
@engine_options
def command(as_json: bool, engine: EngineChoice) -> int:
    """List the models with version, operating point and digests, as their contracts say."""
    table = Table()
    for heading in ("model", "version", "weights", "operating point", "on its validation set", "contract"):
        table.add_column(heading, overflow="fold")
    models, unusable = [], {}
    with opened_engine(engine) as opened:
        for name in opened.model_names():
            try:
                models.append(opened.served_model(name))
            except ContractError as error:
                unusable[name] = error
    for model in models:
        if as_json:
            click.echo(model.contract.canonical_json())
        table.add_row(*_cells(model))
    if not as_json:
        STANDARD_OUTPUT.print(table)
    failures = [failure for name, failure in unusable.items() if name not in step_names(models)]
    for failure in failures:
        say(str(failure))
    return max((failure.exit_code for failure in failures), default=0)


def _cells(model: ServedModel) -> tuple[str, ...]:
    weights = model.contract.weights
    return (
        model.name,
        str(model.version),
        f"{weights.preset}{', phantom data' if weights.demonstration else ''}",
        *_performance_cells(weights.performance, model.contract.spec.head.unit),
        model.contract_sha256[:12],
    )


def _performance_cells(performance: Performance, unit: str) -> tuple[str, str]:
    match performance:
        case FindingPerformance():
            figures = performance.discrimination
            return (
                f"{performance.operating_point.threshold:.3f}",
                f"AUC {figures.auc:.3f} ({figures.auc_lower:.3f}–{figures.auc_upper:.3f})",
            )
        case QuantityPerformance():
            return "–", f"mean absolute error {performance.mean_absolute_error:.1f} {unit}"
        case OutcomePerformance():
            first = performance.classifiers[0].outcomes
            aucs = ", ".join(f"{figures.outcome} {figures.discrimination.auc:.3f}" for figures in first)
            return "–", f"AUC {aucs}"
        case PerfusionPerformance():
            return "–", f"segments {performance.segment_error_percent:.1f} % from PET"
        case OrganPerformance():
            return "–", "Dice " + ", ".join(f"{organ.organ} {organ.dice:.3f}" for organ in performance.dice)
        case _:
            assert_never(performance)
