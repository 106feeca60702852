"""Errors of benchmarks: one branch of the family that `client/errors.py` draws."""

from specs.errors import TricorderError


class BenchmarkError(TricorderError):
    """A scenario has no figures to give."""

    exit_code = 8


class TooShort(BenchmarkError):
    """Nothing was finished in the time that counts."""

    def __init__(self, *, what: str, seconds: float) -> None:
        super().__init__(
            f"{what}: nothing was finished within the {seconds:g} s that count, so there is no rate to state. "
            "Let passes last longer, or give the machine less else to do."
        )


class NotOfTheJob(BenchmarkError):
    """An input did not go through the whole job, so that its time would flatter."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"An input of the benchmark is not eligible ({reason}), so its time would not be that of a study that is "
            "scored. Inputs are made by the benchmark itself: please report it."
        )


class NothingFastEnough(BenchmarkError):
    """No way of serving a model keeps the bound on the latency."""

    def __init__(self, *, bound_ms: float, least_ms: float | None) -> None:
        found = "none was measured in the time" if least_ms is None else f"the quickest took {least_ms:.1f} ms"
        super().__init__(
            f"No way of serving the model gives 95 % of its answers within {bound_ms:g} ms: {found}. Nothing was "
            "written. Allow a longer latency (--latency-ms) or more time (--minutes); what was measured is kept."
        )


class AnswersDiffer(BenchmarkError):
    """Ways that are compared do not do the same job, so that their times say nothing of each other."""

    def __init__(self, *, way: str, output: str, difference: float, tolerance: float) -> None:
        super().__init__(
            f"The way {way} answers otherwise than the first one: {output} is up to {difference:.3g} away, and "
            f"{tolerance:g} is tolerated. Nothing was timed. Look for a member of another version, or report it."
        )
