"""Errors of export: one branch of the family that `client/errors.py` draws."""

from specs.errors import TricorderError


class ExportError(TricorderError):
    """A model could not be turned into a repository entry. Nothing was written."""

    exit_code = 8


class ParityFailed(ExportError):
    """A variant is too far from its original."""

    def __init__(self, *, model: str, figure: str, measured: float, tolerated: float) -> None:
        super().__init__(
            f"{model}: {figure} is {measured:.3g} against the fp32 original, more than the "
            f"{tolerated:.3g} that is tolerated. Nothing was written. "
            "Use another precision or engine, or look for the operator that drifts."
        )


class NotTrained(ExportError):
    """There are no weights to export."""

    def __init__(self, *, model: str, preset: str) -> None:
        super().__init__(
            f"{model}: the weights folder holds no training run of the preset {preset} that has ended and that this "
            f"version can read. Run `tricorder train {model} --preset {preset}` first."
        )


class MembersDiffer(ExportError):
    """The members of an ensemble were not trained and validated on the same studies."""

    def __init__(self, *, ensemble: str) -> None:
        super().__init__(
            f"{ensemble}: its members were not trained and validated on the same studies, so no operating point can be "
            f"chosen for their vote. Run `tricorder train {ensemble}`, which trains all of them on the same data."
        )


class TrainingExtraMissing(ExportError):
    """This environment has no torch."""

    def __init__(self, *, what: str = "Training and export need") -> None:
        super().__init__(
            f"{what} the train extra, which this environment does not have. "
            "Run `make .venv-dev` and use .venv-dev/bin/tricorder."
        )


class NotRecalibrated(ExportError):
    """A version could not be fitted to another site."""

    def __init__(self, *, model: str, what: str) -> None:
        super().__init__(
            f"{model} was not recalibrated: {what}. Nothing was written. Accepted: a version of a finding model with "
            "its files, and studies of the site that its weights have not seen, some with the finding and some without."
        )


class SourceUnusable(ExportError):
    """A version that another one is to be made of cannot be used."""

    def __init__(self, *, model: str, what: str) -> None:
        super().__init__(
            f"{model}: {what}. Nothing was written. Accepted: a version that training or import left, whose files are "
            "those that its record names, and a repository that holds the same files in that version, or none."
        )


class NoSuchVariant(ExportError):
    """An engine does not compute in a precision."""

    def __init__(self, *, engine: str, precision: str, accepted: str) -> None:
        super().__init__(f"There is no variant in {precision} for {engine}. Accepted: {accepted}.")


class NoTensorRtEngine(ExportError):
    """TensorRT does not run a model."""

    def __init__(self, *, model: str) -> None:
        super().__init__(
            f"{model} cannot be served with TensorRT, which runs no classical classifiers and takes no uint16. "
            "Accepted: the models of radiographs and PET projections. Leave --engine out."
        )


class NoPackage(ExportError):
    """AOTInductor makes no package of a model."""

    def __init__(self, *, model: str) -> None:
        super().__init__(
            f"{model} cannot be served with AOTInductor, whose packages are made of networks with one answer a study. "
            "Accepted: the models of radiographs, PET projections and striatal images. Leave --engine out."
        )


class PackageNotCompiled(ExportError):
    """AOTInductor failed; `kind` is the name of PyTorch's error."""

    def __init__(self, *, model: str, kind: str) -> None:
        needed = "It needs a C++ compiler: install one (apt install g++), or leave" if "Compiler" in kind else "Leave"
        super().__init__(
            f"{model}: AOTInductor could not compile or run the network ({kind}). Nothing was written. "
            f"{needed} --engine out."
        )
