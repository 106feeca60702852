"""A model card states what the contract and its records hold: all of it, once, and nothing else."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from markdown_it import MarkdownIt

from evaluation.model_card import model_card
from evaluation.proportions import call_figures
from specs.classifier import ClassifierSpec, GradientBoosting
from specs.contract import AnswerSpec, Contract
from specs.declared import Declared
from specs.ensemble import CompoundSpec
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.notices import DEMONSTRATION_NOTE, DISCLAIMER
from specs.policy import Policy
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from specs.striatal_recipes import StriatalFeature
from specs.weights import FindingPerformance, QuantityPerformance
from tests.conftest import ANSWER_SPECS, CLONE
from tests.evaluation.card_contracts import (
    THRESHOLD,
    distinct_contract,
    imported_contract,
    recalibrated_contract,
    report,
)
from tests.specs.records import contract

READER = MarkdownIt("commonmark").enable("table")
DIGEST = re.compile(r"`[0-9a-f]{64}`")
NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:e[-+]\d+)?")


@pytest.fixture(params=ANSWER_SPECS.values(), ids=lambda spec: spec.name, name="spec")
def spec_of_studies(request: pytest.FixtureRequest) -> AnswerSpec:
    """In place of every model: that of patients has a module of its own."""
    declared: AnswerSpec = request.param
    return declared


def cells(card: str) -> list[list[str]]:
    """Return the rows of all tables, unescaped."""
    lines = [line for line in card.replace("\\", "").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def leaves(document: Any) -> Iterator[Any]:
    """Yield every number and text of a JSON document, its keys too."""
    match document:
        case dict():
            yield from document
            for value in document.values():
                yield from leaves(value)
        case list():
            for value in document:
                yield from leaves(value)
        case _:
            yield document


def written(value: Any) -> set[str]:
    """Return the numbers that a leaf may be written as."""
    if isinstance(value, str):
        return set(NUMBER.findall(value.replace("T", " ")))
    if isinstance(value, int | float):
        forms = {repr(value), *(format(abs(value), form) for form in (",", ".2f", ".3f", ".2g", "g", ",.10g"))}
        return {number for form in forms for number in NUMBER.findall(form)}
    return set()


def numbers_of(*records: Declared) -> set[str]:
    """Return every number that a card may take from records."""
    return {number for record in records for leaf in leaves(record.model_dump(mode="json")) for number in written(leaf)}


def choices(rules: Declared) -> Iterator[tuple[str, Any]]:
    """Yield description and value of every field of a recipe and of the rules in it."""
    for name, field in type(rules).model_fields.items():
        value = getattr(rules, name)
        if field.description:
            yield field.description, value
        elif isinstance(value, Declared):
            yield from choices(value)


def with_policy(rules: Declared, policy: Policy) -> Any:
    """Change every policy of a recipe, and of the rules in it."""
    changed: dict[str, Any] = {}
    for name in type(rules).model_fields:
        value = getattr(rules, name)
        if isinstance(value, Policy):
            changed[name] = policy
        elif isinstance(value, Declared):
            changed[name] = with_policy(value, policy)
    return rules.model_copy(update=changed)


def test_the_notices_stand_above_everything_else(spec: AnswerSpec) -> None:
    made = contract(spec)
    weights = made.weights.model_copy(update={"demonstration": False})
    for each, noted in ((made, True), (made.model_copy(update={"weights": weights}), False)):
        before, _, _ = model_card(each).partition("## What it is")
        assert DISCLAIMER in before
        assert (DEMONSTRATION_NOTE in before) == noted
        assert f"`{spec.name}` version 1" in before


def test_every_figure_stands_in_the_card_once_as_given(spec: AnswerSpec) -> None:
    made = distinct_contract(spec)
    card = model_card(made)
    found = Counter(NUMBER.findall(DIGEST.sub("", card.replace("\\", ""))))
    data, provenance = made.weights.data_set, made.weights.provenance
    wanted = [f"{data.training_studies:,}", f"{data.validation_studies:,}", str(data.seed), "509"]
    wanted += [f"{provenance.parameters:,}"]
    wanted += [f"{value:g}" for value in made.spec.tolerances.model_dump(exclude={"kind"}).values()]
    performance = made.weights.performance
    if isinstance(performance, FindingPerformance):
        wanted += [
            repr(THRESHOLD),
            *(f"{count:,}" for count in performance.operating_point.counts.model_dump().values()),
        ]
    elif isinstance(performance, QuantityPerformance):
        wanted += [f"{performance.mean_absolute_error:.2f}", f"{performance.error_deviation:.2f}"]
    assert {number: found[number] for number in wanted} == dict.fromkeys(wanted, 1)
    digests = [made.sha256(), made.weights.model_sha256, *(step.model_sha256 for step in made.weights.steps)]
    assert Counter(DIGEST.findall(card)) == Counter(f"`{digest}`" for digest in digests)


def test_of_imported_weights_the_card_says_what_is_not_known_and_which_file_they_came_from(
    network_spec: NetworkSpec,
) -> None:
    made = imported_contract(network_spec)
    card = model_card(made)
    rows = cells(card)
    assert ["training part", "not known"] in rows
    assert ["seed", "not known"] in rows
    assert ["SHA-256 of the ONNX file", f"`{made.weights.model_sha256}`"] in rows
    assert ["SHA-256 of the imported file", f"`{made.weights.provenance.weights_sha256}`"] in rows
    assert "imported file" not in model_card(distinct_contract(network_spec))
    assert "fitted or measured on phantoms" in card  # the weights themselves may be of patients


@pytest.mark.parametrize(("slope", "perfect"), [(0.8, True), (None, False)])
def test_the_card_calls_calibration_perfect_only_where_the_slope_was_fitted_too(
    slope: float | None, perfect: bool
) -> None:
    card = " ".join(model_card(recalibrated_contract(MITRAL_REGURGITATION, slope=slope)).split())
    assert ("calibration is perfect there" in card) == perfect
    assert ("right there on average because the intercept was fitted, and the slope was not" in card) != perfect


def test_no_figure_is_from_anywhere_else(spec: AnswerSpec) -> None:
    made = distinct_contract(spec)
    reports = [report(made, "set three"), report(made, "set four")]
    derived: list[Declared] = []
    said = {"95", "1", "0", "256"}  # confidence; the range of a probability and Youden's index; SHA-256
    if isinstance(made.weights.performance, FindingPerformance):
        counts = made.weights.performance.operating_point.counts
        derived.append(call_figures(counts))
        said |= {f"{counts.total:,}"}
    if isinstance(spec, CompoundSpec):
        said |= {str(len(spec.members))}
    if isinstance(spec, ClassifierSpec) and isinstance(spec.classifier, GradientBoosting):
        said |= {f"{100 * spec.classifier.row_share:g}"}
    said |= {number for name in StriatalFeature for number in NUMBER.findall(name.replace("_", " "))}
    for description, _ in choices(spec.recipe):
        said |= written(description)
    card = DIGEST.sub("", model_card(made, reports).replace("\\", ""))
    assert set(NUMBER.findall(card)) <= numbers_of(made, *reports, *derived) | said


def test_the_card_is_the_same_for_a_contract_that_a_server_sent(spec: AnswerSpec) -> None:
    made = distinct_contract(spec)
    assert model_card(Contract.from_json(made.canonical_json())) == model_card(made)


def test_what_was_measured_later_gets_a_column_of_its_own(spec: AnswerSpec) -> None:
    made = distinct_contract(spec)
    reports = [report(made, "set three"), report(made, "set four, site B")]
    (headings,) = [row for row in cells(model_card(made, reports)) if row[0] == "figure"]
    assert headings[1:] == ["validation part: validation", "held out: set three", "held out: set four, site B"]
    assert "held out" not in model_card(made)
    (studies,) = [row for row in cells(model_card(made, reports)) if row[0] == "studies"]
    assert studies[2:] == ["31", "31"]


def test_a_report_of_another_contract_is_refused(spec: AnswerSpec) -> None:
    other = report(contract(spec), "set three")
    with pytest.raises(ValueError, match=f"not of this contract of {spec.name}"):
        model_card(distinct_contract(spec), [other])


@pytest.mark.parametrize("policy", list(Policy))
def test_the_card_says_of_each_policy_what_it_is(spec: AnswerSpec, policy: Policy) -> None:
    recipe = with_policy(spec.recipe, policy)
    said = [description for description, value in choices(recipe) if value is policy]
    assert said
    rows = cells(model_card(contract(spec.model_copy(update={"recipe": recipe}))))
    verdict = {"accept": "accepted", "refuse": "**refused**"}[policy]
    assert all([description, verdict] in rows for description in said)


def test_the_card_lists_what_is_accepted_and_every_tensor(spec: AnswerSpec) -> None:
    card = model_card(contract(spec))
    rows = cells(card)
    words = {description: value for description, value in choices(spec.recipe) if isinstance(value, tuple)}
    accepted = {said: value for said, value in words.items() if all(isinstance(each, str) for each in value)}
    assert len(accepted) >= 3
    for description, value in accepted.items():
        words_of = [each.replace("_", " ") if isinstance(each, StrEnum) else each for each in value]
        assert [description, ", ".join(words_of) or "none"] in rows
    tensors = [row for row in rows if len(row) == 5]
    assert [row[0] for row in tensors[1:]] == [f"`{tensor.name}`" for tensor in (*spec.inputs, *spec.outputs)]
    if spec.head.activation_map is not None:
        assert spec.head.map_meaning in card


def test_a_map_of_several_views_and_the_ranges_of_a_recipe_are_said() -> None:
    rows = cells(model_card(contract(SARCOIDOSIS_LYMPHOMA)))
    (meaning,) = [row[4] for row in rows if row[0] == "`grad_cam`"]
    assert meaning.startswith("activation map, axes (view, row, column) over the whole input: Grad-CAM")
    assert "6,520 to 6,652" in [row[1] for row in rows]
    assert "21,600" in [row[1] for row in rows]
    assert "MAX_IP" in " ".join(row[1] for row in rows)


def test_an_ensemble_names_each_step_with_version_and_digest(spec: AnswerSpec) -> None:
    made = distinct_contract(spec)
    rows = [row for row in cells(model_card(made)) if len(row) == 4 and row[0] != "entry"]
    steps = [[f"`{step.model}`", "7", f"`{step.model_sha256}`"] for step in made.weights.steps]
    assert [[name, version, digest] for name, _, version, digest in rows if digest.startswith("`")] == steps
    assert bool(steps) == isinstance(spec, CompoundSpec)


def test_no_text_of_a_contract_is_read_as_markup(spec: AnswerSpec) -> None:
    hostile = "<b>*x*</b> [a](http://b) | `c` # ## \x1b[31m"
    made = distinct_contract(spec)
    weights = made.weights
    other = Contract(
        spec=made.spec.model_copy(update={"title": hostile, "source": hostile}),
        weights=weights.model_copy(
            update={
                "data_set": weights.data_set.model_copy(update={"name": hostile, "description": hostile}),
                "provenance": weights.provenance.model_copy(update={"packages": {hostile: hostile}}),
            }
        ),
    )
    card = model_card(other)
    shown = [token.content for token in READER.parse(card) if token.type == "inline"]
    assert not [content for content in shown if content.startswith("|")]
    kinds = {child.type for token in READER.parse(card) for child in token.children or []}
    assert kinds <= {"text", "text_special", "code_inline", "strong_open", "strong_close", "softbreak"}
    titles = ["".join(child.content for child in token.children or []) for token in READER.parse(card)]
    assert titles.count("<b>*x*</b> [a](http://b) | `c` # ## [31m") == 4
    assert "\x1b" not in card
    assert [token.type for token in READER.parse(card)] == [token.type for token in READER.parse(model_card(made))]


def test_the_network_is_that_of_the_preset(network_spec: NetworkSpec) -> None:
    made = contract(network_spec)
    rows = cells(model_card(made))
    sizing = network_spec.network.presets[made.weights.preset]
    assert ["backbone", f"`{network_spec.network.architecture}`"] in rows
    assert ["width", f"every channel and group count divided by {sizing.width_divisor}"] in rows


def test_a_card_needs_nothing_that_the_light_client_lacks() -> None:
    program = (
        "import sys, evaluation.model_card; "
        "print({'torch', 'matplotlib', 'sklearn', 'onnx', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=CLONE, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
