"""`tricorder import-weights`: from weights that somebody else trained to a repository entry."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specs import SPECS
from specs.head import FindingProbability, OperatingPointPolicy
from specs.model import NetworkSpec
from specs.network import Preset
from tricorder.data_option import FEWEST_TRAINING_PHANTOMS, DataOnDisk, DataType, Phantoms
from tricorder.export import entry_options, say_parity
from tricorder.operating_point_option import point_options
from tricorder.places import DATA_CACHE, PHANTOM_CACHE
from tricorder.terminal import progress_bar, say, say_left_out
from tricorder.train import found_performance
from tricorder.training_extra import require_training_extra

if TYPE_CHECKING:
    from export.imported import Yardstick

_NETWORKS = {name: spec for name, spec in SPECS.items() if isinstance(spec, NetworkSpec)}


@click.command(
    name="import-weights",
    epilog="\b\nExample:\n  tricorder import-weights xray_age weights.pt --data-set-name 'NIH ChestX-ray14' "
    "--data jsrt:JSRT",
)
@click.argument("model", type=click.Choice(sorted(_NETWORKS)))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--data",
    required=True,
    type=DataType(fewest_phantoms=FEWEST_TRAINING_PHANTOMS),
    help="Studies with known truth, all of which the weights are measured on: manifest:FILE.csv, jsrt:FOLDER, "
    "nih:FOLDER (ChestX-ray14), or phantoms:COUNT, which makes the entry a demonstration.",
)
@click.option("--data-set-name", required=True, help="What the weights were fitted on, for the record.")
@click.option(
    "--description",
    default="as whoever imported the weights says",
    show_default=True,
    help="One sentence more of it, for the record.",
)
@click.option(
    "--preset",
    type=click.Choice([preset.value for preset in Preset]),
    default=Preset.PAPER.value,
    show_default=True,
    help="Size of the network that the weights are of.",
)
@point_options
@entry_options
def command(
    model: str,
    file: Path,
    *,
    data: Phantoms | DataOnDisk,
    preset: str,
    policy: OperatingPointPolicy | None,
    **chosen: Any,
) -> None:
    """Make the weights in FILE a version of MODEL's repository entry.

    FILE is a state dict (safetensors, or written by torch.save) or TorchScript, with the names of `tricorder train`, of
    timm or torchvision (backbone and a classifier of one output), or, for xray_age, of fastai 1, which the public
    weights have. Nothing that a file holds is run; a pickled Learner is refused. Names and shapes are compared one by
    one. The network sees a gray image of 320 x 320 pixels, three times, with the mean and deviation of ImageNet:
    weights fitted on another size or scale are measured as they then are. A finding's output is its log-odds, a
    quantity's is in its unit.

    An operating point, a mean error and predictive values are found on studies with truth and never taken on trust;
    name studies that the weights have not seen. What they were fitted on is written down as you say it. Needs the
    train extra. Nothing is written where the ONNX file is farther from the network than the spec tolerates.
    """
    spec = _NETWORKS[model]
    if policy is not None and not isinstance(spec.head, FindingProbability):
        raise click.UsageError(f"{model} makes no calls: --sensitivity and --specificity are of models of findings.")
    require_training_extra()
    from export.imported import FittedOn, export_imported, read_network
    from export.run import EntryVersion, Workplace

    imported = read_network(spec, Preset(preset), file)
    say(f"Weights of {model} ({preset}), named as by {imported.layout}")
    record = export_imported(
        imported,
        FittedOn(name=chosen["data_set_name"], description=chosen["description"]),
        yardstick=replace(_yardstick(spec, data), policy=policy),
        target=EntryVersion(repository=chosen["repository"], number=chosen["number"]),
        workplace=Workplace(cache=PHANTOM_CACHE, progress=progress_bar),
    )
    say(f"{model}: {found_performance(record.performance, spec.head.unit)}")
    say_parity(record, spec.head.unit)


def _yardstick(spec: NetworkSpec, data: Phantoms | DataOnDisk) -> "Yardstick":
    from export.imported import Yardstick
    from phantoms import Part
    from training.datasets import (
        DataSetKind,
        DataSource,
        ImagePreparation,
        prepared_whole,
        radiograph_recipe,
        target_of,
    )
    from training.phantom_data import prepared_phantoms

    with progress_bar() as bar:
        if isinstance(data, Phantoms):
            part = prepared_phantoms(Part.VALIDATION, spec, count=data.count, cache=PHANTOM_CACHE, progress=bar)
            return Yardstick(part=part, phantoms=True)
        source = DataSource(kind=DataSetKind(data.kind), path=data.path)
        preparation = ImagePreparation(recipe=radiograph_recipe(spec), cache=DATA_CACHE, progress=bar)
        whole = prepared_whole(source, target_of(spec), preparation)
    say_left_out(whole.left_out)
    return Yardstick(part=whole.part, phantoms=False)
