"""What a contract says, part by part, as rows for the tables of a model card."""

from collections.abc import Iterator
from enum import StrEnum
from typing import assert_never

from evaluation.characteristics import NOT_KNOWN
from evaluation.feature_card import feature_classifier_rows, stack_rows
from evaluation.markdown import Markdown, code
from evaluation.outcome_card import classifier_rows, outcome_answer_rows, variable_rows
from evaluation.tolerated import tolerated_figures
from evaluation.volume_card import organ_answer_rows, perfusion_answer_rows, volume_network_rows
from specs.classifier import ClassifierSpec
from specs.clinical_variables import ClinicalVariables
from specs.coding import CodedConcept
from specs.contract import Contract, Spec
from specs.declared import Declared
from specs.ensemble import CompoundSpec, EnsembleSpec
from specs.head import (
    FindingProbability,
    Head,
    LargestYouden,
    LeastSensitivity,
    LeastSpecificity,
    MeasuredQuantity,
    OperatingPointPolicy,
)
from specs.mibg import Collimator
from specs.model import NetworkSpec
from specs.network import Classifier, ConcatPoolClassifier, LinearClassifier, Preset
from specs.outcome import OutcomeProbabilities
from specs.policy import Policy
from specs.recipe import Recipe
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.tensors import Tensor
from specs.uptake import Range
from specs.variant_tolerances import variant_tolerances
from specs.volume import VolumeSpec
from specs.volume_head import OrganLabels, VirtualPerfusion
from specs.weights import DataSet, FindingParity, FindingPerformance, Parity

Row = tuple[str, ...]
"""Cells, each text or `Markdown`."""

_VERDICTS = {Policy.ACCEPT: "accepted", Policy.REFUSE: Markdown("**refused**")}


def answer_rows(contract: Contract) -> Iterator[Row]:
    """Yield what the model answers: of what, in which unit and range, and from where it makes a call."""
    head = contract.spec.head
    match head:
        case FindingProbability():
            yield "answer", "probability that the finding is present"
            yield "finding", _coded(head.finding)
            yield "range", "0 to 1"
            yield from _call_rows(contract)
        case MeasuredQuantity():
            yield "answer", head.name
            yield "code", "none of a standard names it" if head.quantity is None else _coded(head.quantity)
            yield "unit", head.unit
            yield "range", f"{head.lowest:g} to {head.highest:g}; a value outside is never shown as a result"
            if head.reference is not None:
                yield "shown beside it", f"the value less the {head.reference.replace('_', ' ')} that the study states"
        case OutcomeProbabilities():
            yield from outcome_answer_rows(head)
        case VirtualPerfusion():
            yield from perfusion_answer_rows(head)
        case OrganLabels():
            yield from organ_answer_rows(head)
        case _:
            assert_never(head)


def _call_rows(contract: Contract) -> Iterator[Row]:
    performance = contract.weights.performance
    if isinstance(performance, FindingPerformance):
        point = performance.operating_point
        yield "operating point", f"{point.threshold!r}: a call is positive from there up"
        yield "chosen", f"where {_rule(point.policy)} on {point.data_set}"
    site = contract.weights.recalibration
    if site is not None:
        slope = "" if site.slope is None else f" times {site.slope!r}"
        yield "recalibrated", f"log-odds are those of version {site.of_version}{slope}, plus {site.intercept!r}"
        yield "SHA-256 of that version", code(site.of_model_sha256)
        yield "fitted on", f"{site.data_set.training_studies:,} studies of {site.data_set.name}"


def _rule(policy: OperatingPointPolicy) -> str:
    match policy:
        case LargestYouden():
            return "sensitivity + specificity - 1 is largest"
        case LeastSensitivity(sensitivity=wanted):
            return f"specificity is largest with a sensitivity of at least {wanted:g}"
        case LeastSpecificity(specificity=wanted):
            return f"sensitivity is largest with a specificity of at least {wanted:g}"
        case _:
            assert_never(policy)


def _coded(concept: CodedConcept) -> str:
    return f"{concept.meaning} ({concept.scheme} {concept.value})"


def recipe_rows(recipe: Recipe) -> Iterator[Row]:
    """Yield every choice of a recipe that is not the tensor, in the words of its own description."""
    if isinstance(recipe, ClinicalVariables):
        yield from variable_rows(recipe)
    else:
        yield from _rule_rows(recipe)


_WHOLE = Tensor | CodedConcept | Range
"""Declared records that are one choice."""


def _rule_rows(rules: Declared) -> Iterator[Row]:
    """Yield the choices of rules, and those of the rules that they hold."""
    for name, field in type(rules).model_fields.items():
        choice = getattr(rules, name)
        if isinstance(choice, Declared) and not isinstance(choice, _WHOLE):
            yield from _rule_rows(choice)
        elif field.description and choice != "" and not isinstance(choice, Tensor):
            yield field.description, _chosen(choice)


def _chosen(choice: object) -> str:
    match choice:
        case Policy():
            return _VERDICTS[choice]
        case CodedConcept() | Collimator():
            return _coded(choice) if isinstance(choice, CodedConcept) else f"{choice.kind} {choice.coefficient:g}"
        case () | None:
            return "none"
        case tuple():
            separator = " × " if all(isinstance(item, int) for item in choice) else ", "
            return separator.join(map(_chosen, choice))
        case int() | float():
            return f"{choice:,.10g}"
        case _:  # a word of DICOM keeps its underscores
            return choice.replace("_", " ") if isinstance(choice, StrEnum) else str(choice)


def tensor_rows(spec: Spec) -> Iterator[Row]:
    """Yield every tensor of the wire, inputs first: name, direction, element type, shape, meaning."""
    meanings = _meanings(spec.head)
    if isinstance(spec, CompoundSpec):
        meanings[spec.member_probabilities.name] = "the probability of each member, in the order below"
    if isinstance(spec, ClassifierSpec):
        meanings[spec.log_odds.name] = "the log-odds of the answer, which a second stage takes"
    for tensor in spec.inputs:
        yield *_tensor(tensor, "input"), _input_meaning(spec.recipe)
    for tensor in spec.outputs:
        yield *_tensor(tensor, "output"), meanings[tensor.name]


def _input_meaning(recipe: Recipe) -> str:
    return next(
        field.description or ""
        for name, field in type(recipe).model_fields.items()
        if getattr(recipe, name) == recipe.input
    )


def _meanings(head: Head) -> dict[str, str]:
    if isinstance(head, OutcomeProbabilities):
        return {each.probabilities.name: f"probabilities by {each.title}" for each in head.classifiers}
    meanings = {head.answer.name: "the answer"}
    if head.activation_map is not None:
        axes = "(row, column)" if len(head.activation_map.shape) == 2 else "(view, row, column)"
        meanings[head.activation_map.name] = f"activation map, axes {axes} over the whole input: {head.map_meaning}"
    return meanings


def _tensor(tensor: Tensor, direction: str) -> Row:
    return code(tensor.name), direction, tensor.element_type, " × ".join(map(str, tensor.shape))


def _own_network_rows(spec: NetworkSpec, preset: Preset) -> Iterator[Row]:
    network, sizing = spec.network, spec.network.presets[preset]
    yield "backbone", code(network.architecture)
    if network.coarse_backbone:
        yield "scales", "two such backbones, one without the pool of its stem; the score is the mean of theirs"
    if spec.recipe.pixels.shape[0] > 1:
        yield "views", "all through the same backbone; what it finds in each stands side by side"
    yield "classifier", _classifier(network.classifier)
    yield "preset", preset
    yield "width", f"every channel and group count divided by {sizing.width_divisor}"
    if sizing.half_weights:
        yield "convolutions", "rounded to half precision and stored so, computed with in fp32"
    yield "own input", f"{sizing.rows} × {sizing.columns} (the resize is inside the graph)"
    yield "normalization", f"mean {_triple(network.mean)}, deviation {_triple(network.standard_deviation)}"


def network_rows(contract: Contract) -> Iterator[Row]:
    """Yield what is known of the network, or of the members' together."""
    spec, weights = contract.spec, contract.weights
    match spec:
        case NetworkSpec():
            yield from _own_network_rows(spec, weights.preset)
        case EnsembleSpec():
            yield "preset", weights.preset
            yield "members", f"{len(spec.members)}, each with one vote"
        case ClassifierSpec():
            yield from feature_classifier_rows(spec)
        case StackedSpec():
            yield from stack_rows(spec)
        case VolumeSpec():
            yield from volume_network_rows(spec, weights)
        case TabularSpec():
            yield from classifier_rows(spec)
        case _:
            assert_never(spec)
    yield "parameters", f"{weights.provenance.parameters:,}"


def _classifier(classifier: Classifier) -> str:
    match classifier:
        case LinearClassifier():
            return "average over all places, one linear layer"
        case ConcatPoolClassifier():
            dropped = " and ".join(map(str, classifier.dropout))
            hidden = f"{classifier.hidden} outputs of the first before a preset narrows it"
            return f"largest value and average over all places, two linear layers ({hidden}; dropout {dropped})"
        case _:
            assert_never(classifier)


def _triple(values: tuple[float, float, float]) -> str:
    return ", ".join(map(str, values))


def step_rows(contract: Contract) -> Iterator[Row]:
    """Yield each entry that an ensemble runs, members first: name, what it does, version, digest of its ONNX file."""
    spec = contract.spec
    match spec:
        case EnsembleSpec():
            parts = {member.model: "votes" for member in spec.members}
            parts |= {spec.vote_graph.name: "takes the mean of the votes"}
            if spec.map_graph is not None:
                parts |= {spec.map_graph.name: "combines the maps"}
        case StackedSpec():
            parts = {member.model: member.title or "first stage" for member in spec.members}
            parts |= {spec.stage: "second stage"}
        case _:
            return
    steps = {step.model: step for step in contract.weights.steps}
    for name, part in parts.items():
        yield code(name), part, str(steps[name].version), code(steps[name].model_sha256)


def data_rows(data_set: DataSet) -> Iterator[Row]:
    """Yield what the weights were fitted on."""
    yield "name", data_set.name
    yield "description", data_set.description
    studies = data_set.training_studies
    yield "training part", NOT_KNOWN if studies is None else f"{studies:,} studies"
    yield "validation part", f"{data_set.validation_studies:,} studies"
    yield "seed", NOT_KNOWN if data_set.seed is None else str(data_set.seed)


def parity_rows(figures: Parity, contract: Contract) -> Iterator[Row]:
    """Yield each figure of a version against what it was made of: name, measured, tolerated."""
    spec, weights = contract.spec, contract.weights
    unit = "" if spec.head.unit == "1" else f" {spec.head.unit}"
    for figure in tolerated_figures(figures, variant_tolerances(spec, weights.precision)):
        yield figure.name, f"{figure.measured:.2g}{unit}", f"{figure.tolerated:g}{unit}"
    if isinstance(figures, FindingParity):
        yield "the farthest flipped call from the operating point", f"{figures.flip_distance:.2g}", "–"


def provenance_rows(contract: Contract) -> Iterator[Row]:
    """Yield what made the files, and the digests by which results name them."""
    found, variant = contract.weights.provenance, contract.weights.variant
    if variant is not None:
        yield "made of", f"version {variant.of_version}, in {variant.precision} for {variant.engine}"
        yield "SHA-256 of that version", code(variant.of_model_sha256)
        if variant.calibrated_on is not None:
            yield "ranges measured on", variant.calibrated_on
    yield "created", f"{found.created:%Y-%m-%d %H:%M:%S %Z}"
    yield "ONNX", f"opset {found.onnx_opset}, IR version {found.onnx_ir_version}"
    yield "packages", ", ".join(f"{package} {version}" for package, version in sorted(found.packages.items()))
    yield "SHA-256 of the contract", code(contract.sha256())
    files = "what stands for the ONNX files of all entries" if contract.weights.steps else "the ONNX file"
    yield f"SHA-256 of {files}", code(contract.weights.model_sha256)
    if found.weights_sha256 is not None:
        yield "SHA-256 of the imported file", code(found.weights_sha256)
