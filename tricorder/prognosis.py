"""`tricorder prognosis`: what the gap between X-ray age and age says of the time to an event."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from specs.notices import DEMONSTRATION_NOTE, DISCLAIMER
from tricorder.report_extra import require_report_extra
from tricorder.scored_ages import read_scored_ages
from tricorder.terminal import STANDARD_OUTPUT, say
from tricorder.written_files import write_files

if TYPE_CHECKING:
    from evaluation.prognosis import PrognosisReport

REPORT_FILE = "report.json"

_FILE = click.Path(path_type=Path, exists=True)


@click.command(
    epilog="\b\nExample:\n"
    "  tricorder score archive --model xray_age --in-process --json > ages.jsonl\n"
    "  tricorder prognosis ages.jsonl outcomes.csv --covariate sex --covariate egfr --out build/prognosis"
)
@click.argument("results", type=_FILE)
@click.argument("outcomes", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--covariate",
    "covariates",
    multiple=True,
    metavar="COLUMN",
    help="Adjust for this column of OUTCOMES too: numbers, or F and M in a column named sex; may be repeated. Ages are "
    "always adjusted for.",
)
@click.option(
    "--groups",
    type=click.Choice(["sign", "tertiles"]),
    default="sign",
    show_default=True,
    help="Survival curves of those whose X-ray age is above their age and the others, or of thirds of the gap.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for report.json and pictures.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def command(
    results: Path, outcomes: Path, *, covariates: tuple[str, ...], groups: str, out: Path | None, as_json: bool
) -> None:
    """Relate the X-ray ages in RESULTS to the OUTCOMES of the same patients.

    RESULTS are the JSON lines of `tricorder score --json`, or the folder of its --out. OUTCOMES is a CSV table with a
    column sop_instance_uid, study_instance_uid or source, as in the results (the first of these joins), the columns
    follow_up_years and event (1 where the event came then, 0 where the patient was only followed so long), and
    covariates. A column patient tells whose images several lines are of: the first line that can be used counts, and of
    a study with several images the first in the results. The age is that of the column age_years, else the one that
    the study states. Lines that lack an age or a covariate, and rows and lines that do not join, are counted and said.

    Gives the hazard ratio for one year more of the gap (X-ray age less age) by Cox's regression with its 95 % interval,
    adjusted for the age and what --covariate names, a test of proportional hazards, survival by groups of the gap with
    a log-rank test, and the numbers at risk. Needs the report extra.
    """
    require_report_extra(what="Hazard ratios and survival curves need")
    from evaluation.prognosis import GAP, GapGrouping, prognosis_report
    from evaluation.quantity_report import ReportedModel
    from tricorder.joined_patients import joined_patients
    from tricorder.outcome_table import RESERVED, read_outcome_table

    for name in covariates:
        if name in {*RESERVED, GAP}:
            raise click.UsageError(f"--covariate {name}: that column is no covariate.")
    ages = read_scored_ages(results)
    patients = joined_patients(ages, read_outcome_table(outcomes, covariates))
    first = ages.rows[0]
    model = ReportedModel(model=first.model, version=first.version, contract_sha256=first.contract_sha256)
    report = prognosis_report(patients, model, grouping=GapGrouping(groups))
    if out:
        _write(out, report, demonstration=first.demonstration)
        say(f"Report and pictures in {out}")
    if as_json:
        click.echo(report.readable_json(), nl=False)
        return
    notes = [DISCLAIMER, *([DEMONSTRATION_NOTE] if first.demonstration else [])]
    STANDARD_OUTPUT.print("\n".join([str(report), *notes]), markup=False, soft_wrap=True)


def _write(folder: Path, report: "PrognosisReport", *, demonstration: bool) -> None:
    """Write report and pictures, in place of an earlier run's.

    Raises:
        DeliveryError: the folder cannot be written.
    """
    from evaluation.pictures import encoded
    from evaluation.prognosis_pictures import hazard_picture, survival_picture

    drawn = {"survival": survival_picture, "hazard_ratios": hazard_picture}
    pictures = {
        f"{name}.png": encoded(draw(report, demonstration=demonstration), kind="png") for name, draw in drawn.items()
    }
    write_files(folder, {REPORT_FILE: report.readable_json().encode("utf-8"), **pictures}, what="The prognosis")
