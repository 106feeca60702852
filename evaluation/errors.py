"""Errors of measuring a model: one branch of the family that `client/errors.py` draws."""

from collections.abc import Mapping

from specs.errors import TricorderError


class EvaluationError(TricorderError):
    """A model could not be measured."""

    exit_code = 8


class ReportExtraMissing(EvaluationError):
    """This environment draws no pictures and fits no regression."""

    def __init__(self) -> None:
        super().__init__(
            "Pictures and the thumbnail regression need the report extra, which this environment does not have. "
            "Run `.venv/bin/python -m pip install --constraint constraints.txt --editable '.[report]'`, or leave out "
            "--out and --baseline."
        )


class TooFewStudies(EvaluationError):
    """What is left of a data set does not determine the figures."""

    def __init__(self, *, found: str, needed: str, left_out: Mapping[str, int]) -> None:
        reasons = "; ".join(f"{reason.rstrip('.')} ({images})" for reason, images in sorted(left_out.items()))
        super().__init__(
            f"Too few images of the data set could be scored: {found}; figures with intervals need at least {needed}. "
            f"Left out: {reasons or 'none'}. Add images, or name another data set."
        )


class HeldOutUnknown(EvaluationError):
    """What weights have not seen of a data set cannot be told."""

    def __init__(self, *, data_set: str, imported: bool = False) -> None:
        told = (
            f"The weights were imported, so whether they have seen images of {data_set} cannot be told. Say --part all "
            "where they have seen none of it"
            if imported
            else f"The weights were fitted on a data set that is called {data_set} as well, but a split of this one "
            "gives other patients than their record names, so which of them they have seen cannot be told. Name the "
            "folder or manifest as it was for training, to measure on the tenth that was held out; or say --part all "
            "where the weights have seen none of it"
        )
        super().__init__(f"{told}.")
