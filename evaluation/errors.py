"""Errors of measuring a model: one branch of the family that `client/errors.py` draws."""

from collections.abc import Mapping

from specs.errors import TricorderError
from specs.faults import FaultsFound


class EvaluationError(TricorderError):
    """A model could not be measured."""

    exit_code = 8


class ReportExtraMissing(EvaluationError):
    """This environment draws no pictures and fits no regression."""

    def __init__(
        self,
        *,
        what: str = "Pictures and the thumbnail regression need",
        otherwise: str = ", or leave out --out and --baseline",
    ) -> None:
        super().__init__(
            f"{what} the report extra, which this environment does not have. "
            "Run `.venv/bin/python -m pip install --constraint constraints.txt --editable '.[report]'`"
            f"{otherwise}."
        )


class TooFewStudies(EvaluationError):
    """What is left of a data set does not determine the figures."""

    def __init__(self, *, found: str, needed: str, left_out: Mapping[str, int]) -> None:
        reasons = "; ".join(f"{reason.rstrip('.')} ({images})" for reason, images in sorted(left_out.items()))
        super().__init__(
            f"Too few studies of the data set could be scored: {found}; figures with intervals need at least {needed}. "
            f"Left out: {reasons or 'none'}. Add images, or name another data set."
        )


class HeldOutUnknown(EvaluationError):
    """What weights have not seen of a data set cannot be told."""

    def __init__(self, *, data_set: str, imported: bool = False) -> None:
        told = (
            f"The weights were imported, so whether they have seen images of {data_set} cannot be told. Where they "
            "have seen none of it, say --part all; after a recalibration to it, --part test, which that has not seen"
            if imported
            else f"The weights were fitted on a data set that is called {data_set} as well, but a split of this one "
            "gives other patients than their record names, so which of them they have seen cannot be told. Name the "
            "folder or manifest as it was for training, to measure on the tenth that was held out; or say --part all "
            "where the weights have seen none of it"
        )
        super().__init__(f"{told}.")


class ResultFaults(FaultsFound, EvaluationError):
    """All that is wrong with a file of results."""

    subject = "The results have"
    form = (
        "Results are the JSON lines of `tricorder score --json`, or the folder of --out, of one version of a model "
        "that estimates an age."
    )


class OutcomeTableFaults(FaultsFound, EvaluationError):
    """All that is wrong with a table of outcomes."""

    subject = "The table of outcomes has"
    form = (
        "It is a CSV file in UTF-8 with a column sop_instance_uid, study_instance_uid or source as in the results, "
        "follow_up_years, event (0 or 1) and one for each covariate; patient and age_years where known."
    )


class NobodyFollowed(EvaluationError):
    """Results and outcomes have nobody in common who can be used."""

    def __init__(self, *, left_out: Mapping[str, int]) -> None:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in sorted(left_out.items()))
        super().__init__(
            f"No result joins an outcome that can be used. Left out: {reasons or 'nothing'}. Compare the column of the "
            "table that joins with the same field of the results, and fill in what is lacking."
        )


class HazardsUndetermined(EvaluationError):
    """The patients do not determine hazard ratios."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"The patients do not determine hazard ratios: {what}. Leave out a --covariate, or add patients who were "
            "followed for longer."
        )
