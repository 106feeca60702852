"""What holds for every model that is declared."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydicom.sr.codedict import codes

from phantoms import (
    Box,
    Grade,
    ImageTruth,
    LesionSite,
    Part,
    image_cohort,
    pet_phantom,
    radiograph_phantom,
    true_answer,
    true_grade,
    true_regions,
)
from phantoms.pet_truth import PetTruth
from specs import SPECS
from specs.classifier import ClassifierSpec
from specs.contract import ImageSpec, Spec
from specs.ensemble import CompoundSpec
from specs.head import FindingProbability, FindingTolerances, MeasuredQuantity
from specs.model import NetworkSpec
from specs.network import LinearClassifier, Network, Preset, Sizing
from specs.outcome import OutcomeProbabilities, OutcomeTolerances
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from specs.tensors import ElementType
from tests.specs.quantity import EVERY_KIND
from training.datasets import radiograph_recipe

CITED_CODES = {"31541009": {"Sarcoidosis"}}
"""Of SNOMED CT, which DICOM does not use: value set of underlying conditions of the HL7 Logica COVID-19 guide."""


def test_every_model_is_found_by_its_name() -> None:
    assert SPECS
    assert all(name == declared.name for name, declared in SPECS.items())


def test_the_name_is_a_valid_folder_and_package_of_its_own_file(spec: Spec) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,63}", spec.name)
    assert (Path(__file__).resolve().parents[2] / "specs" / f"{spec.name}.py").is_file()


@pytest.mark.parametrize("name", ["", "Mitral", "mitral-regurgitation", "mitral regurgitation", "../x", "1x", "x/y"])
def test_a_name_that_is_no_folder_everywhere_is_refused(spec: Spec, name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        type(spec).model_validate(spec.model_dump() | {"name": name})


def test_pixels_travel_as_gray_views_of_whole_numbers(image_spec: ImageSpec) -> None:
    pixels = image_spec.recipe.pixels
    assert pixels.element_type in (ElementType.UINT8, ElementType.UINT16)
    assert len(pixels.shape) == 3
    assert min(pixels.shape) >= 1


def test_a_radiograph_is_one_view(radiograph_spec: ImageSpec) -> None:
    assert radiograph_spec.recipe.pixels.shape[0] == 1


def test_tensors_have_names_of_their_own(spec: Spec) -> None:
    names = [tensor.name for tensor in (*spec.inputs, *spec.outputs)]
    assert len(set(names)) == len(names)
    extra = (spec.member_probabilities,) if isinstance(spec, CompoundSpec) else ()
    log_odds = (spec.log_odds,) if isinstance(spec, ClassifierSpec) else ()
    assert spec.outputs == (*spec.head.outputs, *extra, *log_odds)


def test_the_answer_is_one_float_and_the_map_has_rows_and_columns(image_spec: ImageSpec) -> None:
    spec = image_spec
    answer, *maps = spec.head.outputs
    assert answer is spec.head.answer
    assert answer.shape == (1,)
    assert {tensor.element_type for tensor in spec.outputs} == {ElementType.FLOAT32}
    assert spec.outputs[: len(spec.head.outputs)] == spec.head.outputs
    assert maps == ([] if spec.head.activation_map is None else [spec.head.activation_map])
    views = spec.recipe.pixels.shape[:1]
    for tensor in maps:
        assert tensor.shape[:-2] == (() if views == (1,) else views)


def test_a_map_is_declared_only_where_the_classifier_has_one(network_spec: NetworkSpec) -> None:
    assert network_spec.head.activation_map is None or isinstance(network_spec.network.classifier, LinearClassifier)


def test_the_tolerances_are_of_the_kind_of_the_head(spec: Spec) -> None:
    assert isinstance(spec.head, FindingProbability) == isinstance(spec.tolerances, FindingTolerances)
    assert isinstance(spec.head, OutcomeProbabilities) == isinstance(spec.tolerances, OutcomeTolerances)


@pytest.mark.parametrize("spec", EVERY_KIND, ids=lambda spec: spec.name)
def test_the_range_of_a_quantity_holds_the_truth_of_phantoms(spec: NetworkSpec) -> None:
    lowest, highest = (spec.head.lowest, spec.head.highest) if isinstance(spec.head, MeasuredQuantity) else (0.0, 1.0)
    for index in range(20):
        assert lowest <= true_answer(radiograph_phantom(seed=1, index=index).truth, spec) <= highest


def test_what_is_found_has_the_code_of_the_standard_dictionary(image_spec: ImageSpec) -> None:
    head = image_spec.head
    concept = head.finding if isinstance(head, FindingProbability) else head.quantity
    if concept is None:
        assert not isinstance(head, FindingProbability)
        return
    if concept.scheme.startswith("99"):  # PS3.16 7.2: a local scheme, for what no standard names
        assert concept.scheme == "99TRICORDER"
        assert concept.meaning not in {code.meaning for code in codes.SCT.concepts.values()}
        return
    meanings = {
        code.meaning for code in getattr(codes, concept.scheme).concepts.values() if code.value == concept.value
    }
    assert concept.scheme in ("SCT", "LN")
    assert concept.meaning in meanings | CITED_CODES.get(concept.value, set())


def test_every_preset_is_declared_and_divides_the_wire_image(network_spec: NetworkSpec) -> None:
    assert set(network_spec.network.presets) == set(Preset)
    assert network_spec.network.presets[Preset.PAPER].width_divisor == 1
    for sizing in network_spec.network.presets.values():
        assert network_spec.recipe.pixels.shape[1] % sizing.rows == 0
        assert network_spec.recipe.pixels.shape[2] % sizing.columns == 0


def test_a_network_without_one_of_the_presets_is_refused(network_spec: NetworkSpec) -> None:
    paper = {Preset.PAPER: Sizing(width_divisor=1, rows=320, columns=320)}
    with pytest.raises(ValidationError, match="every preset"):
        Network.model_validate(network_spec.network.model_dump() | {"presets": paper})


def test_batches_are_preferred_in_order_up_to_the_largest(network_spec: NetworkSpec) -> None:
    preferred = network_spec.deployment.preferred_batches
    assert list(preferred) == sorted(set(preferred))
    assert all(1 < batch <= network_spec.deployment.largest_batch for batch in preferred)


def test_what_a_model_learns_is_a_truth_of_the_phantoms(network_spec: NetworkSpec) -> None:
    truth = image_cohort(Part.TRAINING, network_spec.recipe, count=1)[0].truth
    wanted = getattr(truth, network_spec.truth.phantom)
    if isinstance(network_spec.head, FindingProbability):
        assert isinstance(wanted, Grade | bool)
    assert truth.numbers[network_spec.truth.phantom] == float(wanted)
    for name in network_spec.training.phantom_measurements:
        assert truth.numbers[name] == _measured(truth, name)


def _measured(truth: ImageTruth, name: str) -> float:
    if isinstance(truth, PetTruth) and name.upper() in LesionSite.__members__:
        return float(LesionSite[name.upper()] in truth.positive_sites)
    return float(getattr(truth, name))


def test_the_regions_of_a_map_are_boxes_of_the_phantoms(radiograph_spec: ImageSpec) -> None:
    truth = radiograph_phantom(seed=1, index=0).truth
    regions = true_regions(truth, radiograph_spec)
    assert len(regions) >= len(radiograph_spec.truth.phantom_regions)
    assert all(isinstance(region, Box) for region in regions)
    assert bool(regions) == (radiograph_spec.head.activation_map is not None)


def test_only_a_finding_has_a_grade(radiograph_spec: ImageSpec) -> None:
    grade = true_grade(radiograph_phantom(seed=1, index=0).truth, radiograph_spec)
    assert isinstance(grade, Grade) == isinstance(radiograph_spec.head, FindingProbability)


def test_a_disease_that_is_there_or_not_has_neither_grade_nor_region() -> None:
    phantom = pet_phantom(seed=1, index=0)
    assert true_answer(phantom.truth, SARCOIDOSIS_LYMPHOMA) == float(phantom.truth.sarcoidosis)
    assert true_grade(phantom.truth, SARCOIDOSIS_LYMPHOMA) is None
    assert true_regions(phantom.truth, SARCOIDOSIS_LYMPHOMA) == ()


def test_accepted_header_values_are_spelled_as_they_are_compared(radiograph_spec: ImageSpec) -> None:
    recipe = radiograph_recipe(radiograph_spec)
    for value in (*recipe.modalities, *recipe.body_parts, *recipe.view_positions):
        assert re.fullmatch(r"[A-Z0-9]+", value)


def test_the_source_is_a_publication_with_its_identifier_or_says_that_there_is_none(spec: Spec) -> None:
    assert re.search(r"\b10\.\d{4,}/\S+|catalog \d+", spec.source) or "No paper" in spec.source
