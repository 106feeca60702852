"""What a model should say of a phantom."""

from typing import assert_never

from phantoms.dopamine_truth import DopamineTruth
from phantoms.pet_truth import PetTruth
from phantoms.truth import Box, ChestTruth, Grade
from specs.contract import AnswerSpec
from specs.head import FindingProbability, MeasuredQuantity

ImageTruth = ChestTruth | PetTruth | DopamineTruth
"""The truth of a phantom that a model looks at."""


def true_answer(truth: ImageTruth, spec: AnswerSpec) -> float:
    """Return the answer that is right: 1 or 0 for a finding, a quantity in its unit."""
    return answer_of_fact(getattr(truth, spec.truth.phantom), spec)


def answer_of_fact(fact: float, spec: AnswerSpec) -> float:
    """Turn the number that a spec's truth names, a grade, 0 or 1, or a quantity, into the right answer."""
    match spec.head:
        case FindingProbability():
            return float(Grade(int(fact)).positive)  # 1, of a finding without grades, is the least one that counts
        case MeasuredQuantity():
            return float(fact)
        case _:
            assert_never(spec.head)


def true_grade(truth: ImageTruth, spec: AnswerSpec) -> Grade | None:
    """Return the grade of the disease that a model finds; None where it measures a quantity."""
    fact = getattr(truth, spec.truth.phantom)
    return fact if isinstance(fact, Grade) else None


def true_regions(truth: ImageTruth, spec: AnswerSpec) -> tuple[Box, ...]:
    """Return where the evidence for the right answer lies, in fractions of the image; the regions may overlap."""
    named = (getattr(truth, name) for name in spec.truth.phantom_regions)
    return tuple(box for found in named for box in (found if isinstance(found, tuple) else (found,)))
