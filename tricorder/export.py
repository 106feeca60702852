"""`tricorder export`: from trained weights to a repository entry."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

import click

from specs import SPECS
from specs.classifier import ClassifierSpec
from specs.compiled_package import PackageManifest, PackagePrecision
from specs.contract import Spec
from specs.deployment import Precision, PreferredEngine
from specs.ensemble import EnsembleSpec
from specs.entry import PACKAGE_MANIFEST_FILE
from specs.model import NetworkSpec
from specs.network import Preset
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.volume import VolumeSpec
from specs.volume_figures import OrganParity, PerfusionParity
from specs.weights import FindingParity, OutcomeParity, Parity, QuantityParity, WeightsRecord
from tricorder.places import BUILT_REPOSITORY, COMMITTED_REPOSITORY, PHANTOM_CACHE
from tricorder.terminal import progress_bar, say
from tricorder.train import training_folders
from tricorder.training_extra import require_training_extra

if TYPE_CHECKING:
    from export.compiled_package import PackageChoice
    from export.run import EntryVersion

_PACKAGED = PreferredEngine.AOTINDUCTOR
_PACKAGE_PRECISIONS: dict[str, PackagePrecision] = {"bf16": Precision.BF16, "fp32": Precision.FP32}

_Function = TypeVar("_Function", bound=Callable[..., Any])


def entry_options(function: _Function) -> _Function:
    """Add --repository and --version; the function gets what an EntryVersion is made of."""
    repository = click.option(
        "--repository",
        type=click.Path(path_type=Path, file_okay=False),
        default=BUILT_REPOSITORY,
        show_default="build/model_repository",
        help="Where the entry goes.",
    )
    version = click.option(
        "--version",
        "number",
        type=click.IntRange(min=1),
        help="Version to write, over one of that number.  [default: the next]",
    )
    return repository(version(function))


@click.command(epilog="\b\nExample:\n  tricorder export mitral_regurgitation --preset paper")
@click.argument("model", type=click.Choice(sorted(SPECS)))
@click.option(
    "--preset",
    type=click.Choice([preset.value for preset in Preset]),
    default=Preset.DEMONSTRATION.value,
    show_default=True,
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that `tricorder train` left.  [default: build/training/MODEL-PRESET]",
)
@click.option(
    "--engine",
    type=click.Choice([engine.value for engine in PreferredEngine]),
    help="What serves the ONNX file. tensorrt: its engine, which a server builds at its start for its GPU. "
    "aotinductor: a package of PyTorch's AOTInductor beside the file, compiled now, for this machine's GPU, or its CPU "
    "where it has none. Where a server can have neither, ONNX Runtime (docs/serving.md).  [default: as the entry has "
    "it, or onnxruntime]",
)
@click.option(
    "--package-precision",
    type=click.Choice(list(_PACKAGE_PRECISIONS)),
    help="What the convolutions of a package of AOTInductor compute in.  [default: bf16 for a GPU, fp32 for a CPU]",
)
@entry_options
def command(
    model: str, *, preset: str, weights: Path | None, engine: str | None, package_precision: str | None, **entry: Any
) -> None:
    """Export the trained MODEL to ONNX, compare it with what was trained, and write its repository entry.

    An ensemble is exported with its members and the graphs that combine them. Needs the train extra. Nothing is
    written where the ONNX file is farther from the network than the spec tolerates, or a package than is tolerated of
    its precision.
    """
    require_training_extra()
    from export.preferred_engine import asks_for_packages, engine_networks, prefer_engine

    spec, preferred = SPECS[model], PreferredEngine(engine) if engine else None
    if preferred is not None:
        require_own_repository(entry["repository"])
        engine_networks(spec, preferred)  # refused before the work, and before torch is loaded for it
    packaged = asks_for_packages(entry["repository"], spec) if preferred is None else preferred is _PACKAGED
    if package_precision is not None and not packaged:
        raise click.UsageError(f"--package-precision goes with --engine {_PACKAGED}.")
    from export.run import EntryVersion

    target = EntryVersion(**entry)
    record = _exported(spec, Preset(preset), weights, target, package=_choice(package_precision) if packaged else None)
    if preferred is not None:
        prefer_engine(target.repository, spec, preferred)
    say_parity(record, spec.head.unit)
    _say_packages(target.repository, record, spec.head.unit)


def _choice(precision: str | None) -> "PackageChoice":
    from export.compiled_package import PackageChoice

    return PackageChoice(precision=None if precision is None else _PACKAGE_PRECISIONS[precision])


def require_own_repository(repository: Path) -> None:
    """Refuse to write what is one machine's own into the committed repository."""
    if repository.resolve() == COMMITTED_REPOSITORY:
        raise click.UsageError("The committed repository is the same on every machine: name another --repository.")


def _exported(
    spec: Spec, preset: Preset, weights: Path | None, target: "EntryVersion", *, package: "PackageChoice | None"
) -> WeightsRecord:
    from export.ensemble import export_ensemble
    from export.run import Workplace, export_network

    model = spec.name
    folders = training_folders(spec, preset, weights)
    workplace = Workplace(cache=PHANTOM_CACHE, progress=progress_bar, package=package)
    match spec:
        case NetworkSpec():
            record = export_network(spec, preset, weights=folders[model], target=target, workplace=workplace)
        case EnsembleSpec():
            record = export_ensemble(spec, preset, weights=folders, target=target, workplace=workplace)
        case ClassifierSpec() | StackedSpec():
            from export.features import export_classifier, export_stack

            if isinstance(spec, StackedSpec):
                record = export_stack(spec, preset, weights=folders, target=target)
            else:
                record = export_classifier(spec, preset, weights=folders[model], target=target)
        case VolumeSpec():
            from export.volumes import export_volume_model

            record = export_volume_model(spec, preset, weights=folders[model], target=target, workplace=workplace)
        case TabularSpec():
            from export.tabular import export_tabular

            record = export_tabular(spec, preset, weights=folders[model], target=target)
        case _:
            assert_never(spec)
    return record


def say_parity(record: WeightsRecord, unit: str) -> None:
    """Print how far an ONNX file is from its original; `unit` is the head's."""
    figures = record.parity[0]
    original = _original(record)
    say(f"{record.model} version {record.version} ({record.preset}) against {original} on {figures.data_set}:")
    say(_measured(figures, unit))


def _say_packages(repository: Path, record: WeightsRecord, unit: str) -> None:
    """Print for each package that a version runs how far it is from its network."""
    versions = {step.model: step.version for step in record.steps} or {record.model: record.version}
    for model, version in versions.items():
        file = repository / model / str(version) / PACKAGE_MANIFEST_FILE
        if file.is_file():
            manifest = PackageManifest.from_json(file.read_text(encoding="utf-8"))
            made_for = f"{manifest.machine.device} ({manifest.machine.capability}) in {manifest.precision}"
            say(f"the package of {model} version {version} for {made_for}:")
            say(_measured(manifest.parity, unit))


def _original(record: WeightsRecord) -> str:
    if record.variant is not None:
        return f"version {record.variant.of_version}, now in {record.precision} for {record.engine},"
    site = record.recalibration
    return "the original" if site is None else f"the fit to the answers of version {site.of_version}"


def _measured(figures: Parity, unit: str) -> str:
    match figures:
        case FindingParity():
            return (
                f"largest probability shift {figures.probability_shift:.1e}, "
                f"flipped calls {figures.flipped_share:.1%}, AUC change {figures.auc_change:.1e}"
            )
        case QuantityParity():
            return (
                f"largest shift {figures.value_shift:.1e} {unit}, "
                f"change of the mean absolute error {figures.mean_absolute_error_change:.1e} {unit}"
            )
        case OutcomeParity():
            return (
                f"largest probability shift {figures.probability_shift:.1e}, of {figures.patients} patients, "
                f"{figures.split_points} of them at splits of the trees"
            )
        case PerfusionParity():
            return f"largest shift of a segment {figures.segment_shift_percent:.1e} %"
        case OrganParity():
            return (
                f"largest loss of Dice {figures.dice_loss:.1e}, "
                f"largest shift of the heart's counts {figures.heart_counts_shift:.1e} of them"
            )
        case _:
            assert_never(figures)
