"""`tricorder explain`: why a model of outcomes says what it says of one patient."""

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from client.errors import InputError
from client.explanation import Explanation, OutcomeExplainer
from client.sources import Source, find_sources
from preprocessing import NotEligible
from preprocessing.clinical_table import is_table, prepare_row
from specs.clinical_variables import ClinicalVariables
from specs.notices import DEMONSTRATION_NOTE, DISCLAIMER
from tricorder.options import EngineChoice, engine_options, opened_engine
from tricorder.report_extra import has_report_extra
from tricorder.terminal import STANDARD_OUTPUT, say
from tricorder.written_files import write_files

EXPLANATION_FILE = "explanation.json"


@click.command(epilog="\b\nExample:\n  tricorder explain patients.csv --patient 3 --out why --in-process")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--patient", type=click.IntRange(min=1), default=1, show_default=True, help="Which of the table's, from 1."
)
@click.option("--model", default="heart_failure_outcome", show_default=True, metavar="NAME")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for explanation.json and pictures."
)
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as one JSON object.")
@engine_options
def command(table: Path, patient: int, model: str, out: Path | None, as_json: bool, engine: EngineChoice) -> int:
    """Explain the answer for one patient of TABLE (CSV, JSON lines, FHIR Bundle).

    The curve of the probabilities over the late H/M ratio with all other variables as they are, and what each variable
    adds to each probability against the synthetic patients of the contract (Shapley values). Every number is asked of
    the engine. Pictures need the extra `report`.
    """
    with opened_engine(engine) as opened:
        explainer = OutcomeExplainer(opened, opened.served_model(model))
        source = _chosen(table, patient)
        row = _tensor(source, explainer.recipe)
        if isinstance(row, NotEligible):
            say(f"{source.name}: not eligible: {row.reason}")
            return 0
        explanation = explainer.explain(source.name, row)
    if as_json:
        click.echo(explanation.readable_json(), nl=False)
    else:
        _print(explanation)
    if out is not None:
        _write(explanation, out)
    return 0


def _chosen(table: Path, patient: int) -> Source:
    """Return a patient of a table by number.

    Raises:
        click.UsageError: there is no such patient, or it is no table.
    """
    if not is_table(table):
        raise click.UsageError("A table of patients ends in .csv, .jsonl or .json.")
    for number, source in enumerate(find_sources([table]), start=1):
        if number == patient:
            return source
    raise click.UsageError(f"The table has no patient {patient}.")


def _tensor(source: Source, recipe: ClinicalVariables) -> NDArray[np.float32] | NotEligible:
    """Prepare a patient.

    Raises:
        InputError: the table or the record cannot be read.
    """
    if source.record is None or isinstance(source.record, InputError):
        raise source.record or click.UsageError("This is no patient of a table.")
    prepared = prepare_row(source.record, recipe)
    return prepared if isinstance(prepared, NotEligible) else prepared.tensor


def _print(explanation: Explanation) -> None:
    lines = [f"{explanation.source}, {explanation.model} version {explanation.version}"]
    lines += [f"  {risks.title}: {risks}" for risks in explanation.risks]
    for shares in explanation.shares:
        if shares.classifier == explanation.risks[0].classifier:
            lines.append(f"{shares.title}: {shares.probability:.3f}, synthetic patients {shares.background_mean:.3f}")
            for share in sorted(shares.variables, key=lambda share: -abs(share.contribution)):
                lines.append(f"  {share.variable:<20} {share.value:>8.4g}  {share.contribution:+.3f}")
    lines += [DISCLAIMER, *([DEMONSTRATION_NOTE] if explanation.demonstration else [])]
    STANDARD_OUTPUT.print("\n".join(lines), markup=False, soft_wrap=True)


def _write(explanation: Explanation, folder: Path) -> None:
    """Write the explanation, and its pictures where matplotlib is there.

    Raises:
        DeliveryError: the folder cannot be written.
    """
    files = {EXPLANATION_FILE: explanation.readable_json().encode("utf-8")}
    if not has_report_extra():
        say("Without pictures: the extra `report` is not in this environment.")
    else:
        files |= _pictures(explanation)
    write_files(folder, files, what="The explanation")
    say(f"Explanation and pictures: {folder}")


def _pictures(explanation: Explanation) -> dict[str, bytes]:
    from evaluation.outcome_pictures import curve_picture, shares_picture, variable_label
    from evaluation.pictures import encoded

    curve, made = explanation.curve, {}
    for classifier in curve.classifiers:
        figure = curve_picture(
            f"{explanation.model}: {classifier.title}",
            {line.title: line.probabilities for line in classifier.outcomes},
            curve.values,
            across=variable_label(curve.title, curve.unit),
            patient_value=curve.patient_value,
            demonstration=explanation.demonstration,
        )
        made[f"curve_{classifier.classifier}.png"] = encoded(figure, kind="png")
    for shares in explanation.shares:
        figure = shares_picture(
            f"{shares.title} by {shares.classifier}",
            f"probability {shares.probability:.3f}, synthetic patients {shares.background_mean:.3f}",
            {f"{share.variable} = {share.value:.4g}": share.contribution for share in shares.variables},
            demonstration=explanation.demonstration,
        )
        made[f"shares_{shares.classifier}_{shares.outcome}.png"] = encoded(figure, kind="png")
    return made
