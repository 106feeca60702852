"""The data that the options of `tricorder train` choose."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from specs.model import NetworkSpec
from tricorder.data_option import DataOnDisk, Phantoms
from tricorder.places import PHANTOM_CACHE
from tricorder.terminal import progress_bar, say_left_out

if TYPE_CHECKING:
    from training.datasets import DataSource, ImagePreparation
    from training.training_data import TrainingData


@dataclass(frozen=True, kw_only=True)
class DataChoice:
    """Which data, and how they are parted.

    Attributes:
        data: None for the spec's phantoms.
        folds: Of a cross-validation; None for one split.
        seed: Of split or folds.
        cache: Folder for the prepared images of data on disk.
    """

    data: Phantoms | DataOnDisk | None
    folds: int | None
    seed: int
    cache: Path

    def turns(self, spec: NetworkSpec) -> tuple["TrainingData", ...]:
        """Load the data for a model: once, or without each fold in turn."""
        data = self.data or Phantoms(count=spec.training.phantoms)
        match data:
            case Phantoms():
                return self._phantoms(spec, data.count)
            case DataOnDisk():
                return self._on_disk(spec, data)

    def _phantoms(self, spec: NetworkSpec, count: int) -> tuple["TrainingData", ...]:
        from training.training_data import phantom_folds, phantom_training_data

        cache = PHANTOM_CACHE
        if self.folds is None:
            return (phantom_training_data(spec, phantoms=count, cache=cache, progress=progress_bar),)
        return phantom_folds(spec, phantoms=count, folds=self.folds, cache=cache, progress=progress_bar)

    def _on_disk(self, spec: NetworkSpec, data: DataOnDisk) -> tuple["TrainingData", ...]:
        from training.datasets import DataSetKind, DataSource, ImagePreparation, radiograph_recipe

        source = DataSource(kind=DataSetKind(data.kind), path=data.path)
        with progress_bar() as bar:
            preparation = ImagePreparation(recipe=radiograph_recipe(spec), cache=self.cache, progress=bar)
            if self.folds is None:
                return (self._split(spec, source, preparation),)
            return self._folded(spec, source, preparation, folds=self.folds)

    def _split(self, spec: NetworkSpec, source: "DataSource", preparation: "ImagePreparation") -> "TrainingData":
        from training.datasets import prepared_data_set, target_of
        from training.training_data import TrainingData

        found = prepared_data_set(source, target_of(spec), preparation, seed=self.seed)
        say_left_out(found.left_out)
        return TrainingData(
            name=found.name,
            description=found.description,
            demonstration=False,
            seed=self.seed,
            training=found.training,
            validation=found.validation,
            seen_patients_sha256=found.seen_patients_sha256,
        )

    def _folded(
        self, spec: NetworkSpec, source: "DataSource", preparation: "ImagePreparation", *, folds: int
    ) -> tuple["TrainingData", ...]:
        from training.datasets import prepared_folds, target_of
        from training.training_data import leaving_out_each

        found = prepared_folds(source, target_of(spec), preparation, folds=folds, seed=self.seed)
        say_left_out(found.left_out)
        return leaving_out_each(
            found.held_out, found.whole, description=found.description, patients_sha256=found.patients_sha256
        )
