"""`tricorder card`: what a model is, what it is worth and where its use ends, as its contract says."""

from pathlib import Path

import click

from client.errors import DeliveryError
from evaluation.evaluation_records import own_reports
from evaluation.model_card import model_card
from tricorder.options import EngineChoice, engine_options, opened_engine
from tricorder.places import EVALUATION_RECORDS


@click.command(epilog="\b\nExample:\n  tricorder card mitral_regurgitation --in-process --out card.md")
@click.argument("model", metavar="MODEL")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File for the card.  [default: standard output]"
)
@engine_options
def command(model: str, out: Path | None, engine: EngineChoice) -> None:
    """Print the model card of MODEL as Markdown: intended use, source, data, figures, tolerances, digests.

    It is made of the contract that the server sends. Held-out figures are added where this clone has an evaluation
    record of exactly that contract.
    """
    with opened_engine(engine) as opened:
        contract = opened.served_model(model).contract
    card = model_card(contract, own_reports(EVALUATION_RECORDS, contract))
    if out is None:
        click.echo(card, nl=False)
        return
    try:
        out.write_text(card, encoding="utf-8")
    except OSError as error:
        raise DeliveryError(what="The card", cause=error.strerror or type(error).__name__) from None
