"""The model card: what a model is, where it comes from, what it is worth and where its use ends, as Markdown.

It stands here and not in the client, because `export` writes it too and may not import the client.
"""

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from evaluation.card_facts import (
    answer_rows,
    data_rows,
    network_rows,
    parity_rows,
    provenance_rows,
    recipe_rows,
    step_rows,
    tensor_rows,
)
from evaluation.evaluation_records import Report
from evaluation.figure_table import figure_table
from evaluation.interval import CONFIDENCE
from evaluation.markdown import code, paragraph, table
from specs.contract import Contract
from specs.notices import DEMONSTRATION_NOTE, DISCLAIMER


def model_card(contract: Contract, reports: Sequence[Report] = ()) -> str:
    """Render the card of one version of a model.

    Args:
        contract: Spec and weights record.
        reports: What was measured under this contract beyond its validation part.

    Returns:
        GitHub Flavored Markdown with a final line feed; no value of the contract is read as markup.

    Raises:
        ValueError: a report is of another contract.

    Source:
        Mitchell M et al., Model Cards for Model Reporting, FAT* 2019:220-229, 10.1145/3287560.3287596; which of its
        parts stand here is our choice.
    """
    digest = contract.sha256()
    if any(report.contract_sha256 != digest for report in reports):
        raise ValueError(f"a report that is not of this contract of {contract.spec.name}")
    spec, weights = contract.spec, contract.weights
    return _template().render(
        spec=spec,
        weights=weights,
        disclaimer=DISCLAIMER,
        note=DEMONSTRATION_NOTE,
        confidence=f"{100 * CONFIDENCE:g} %",
        answer_rows=answer_rows(contract),
        recipe_rows=recipe_rows(spec.recipe),
        tensor_rows=tensor_rows(spec),
        network_rows=network_rows(contract),
        step_rows=step_rows(contract),
        data_rows=data_rows(weights.data_set),
        figure_table=figure_table(contract, reports),
        parities=[(figures, parity_rows(figures, contract)) for figures in weights.parity],
        provenance_rows=provenance_rows(contract),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("evaluation", "templates"),
        autoescape=select_autoescape(),  # for HTML, which this is not: `finalize` escapes
        finalize=paragraph,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"code": code, "table": table}
    return environment.get_template("model_card.md")
