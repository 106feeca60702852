"""JPEG 2000 at reduced resolution against the whole image: how far pixels and probabilities drift, how much it saves.

tricorder bench reduced_resolution --out benchmarks/records/reduced_resolution.json
"""

import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import imagecodecs
import numpy as np
from pydantic import Field
from pydicom import uid
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate

from benchmarks.encodings import published_image
from benchmarks.machine import Machine
from benchmarks.scenario import deliver_record, scenario_parser
from client.engine import Engine, ServedModel
from client.in_process import InProcessEngine
from client.interpretation import Answer, interpret, wanted_outputs
from phantoms import Part, RadiographPhantom, radiograph_cohort
from preprocessing.area_average import divisor_of, fitted_shape
from preprocessing.decoding import stored_pixels
from preprocessing.prepared import Prepared
from preprocessing.radiograph import prepare_radiograph
from specs.declared import Declared
from specs.recipe import FrontalChestRadiograph
from tricorder.places import COMMITTED_REPOSITORY

MODEL = "mitral_regurgitation"
OVERSAMPLINGS = (1, 2, 4)
MAGNIFICATION = 5
"""Phantoms have 448 to 640 rows and columns; five times as many are those of a chest detector."""

LOSSY_DB = 45
"""Peak signal to noise of the lossy codestreams: about 10:1."""

PUBLISHED = ("RG1_J2KR.dcm", "RG1_J2KI.dcm")
"""A real chest radiograph of pydicom-data, 1955 x 1841, in both syntaxes."""


class Drift(Declared):
    """How far images at reduced resolution are from the whole ones: of each figure the largest of any image."""

    largest_pixel_difference: int = Field(description="Of one pixel of the tensor, gray levels of 255.")
    common_pixel_difference: float = Field(description="What 99.9 % of the pixels do not exceed, gray levels of 255.")
    mean_pixel_difference: float = Field(description="Of all pixels of the tensor, gray levels of 255.")
    probability_shift: float = Field(description="Absolute, of the demonstration model.")
    flipped_calls: int = Field(description="Number of calls that are not those of the whole image.")


class Comparison(Declared):
    """Images of one kind prepared with one oversampling; medians of the time from data set to tensor."""

    images: str
    oversampling: int
    images_by_divisor: dict[int, int] = Field(description="How many were decoded with their sides divided by so much.")
    drift: Drift
    whole_ms: float
    reduced_ms: float
    times_faster: float


class ReducedResolutionRecord(Declared):
    """One run of the scenario; the two ways alternate, so that a noisy neighbor meets both."""

    scenario: str = "reduced_resolution"
    machine: Machine
    contract_sha256: str
    phantoms: int
    seed: int
    magnification: int
    lossy_db: int
    repetitions: int
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """A model and where it runs."""

    engine: Engine
    model: ServedModel

    def recipe(self, oversampling: int | None) -> FrontalChestRadiograph:
        """Return the recipe of the model with another oversampling; None for whole images."""
        recipe = self.model.contract.spec.recipe
        if not isinstance(recipe, FrontalChestRadiograph):
            raise TypeError(f"{self.model.name} is no model of radiographs")
        return recipe.model_copy(update={"jpeg2000_oversampling": oversampling})

    def prepare(self, ds: FileDataset, oversampling: int | None) -> Prepared:
        """Prepare an image, which must be eligible."""
        prepared = prepare_radiograph(ds, self.recipe(oversampling))
        if not isinstance(prepared, Prepared):
            raise ValueError(f"not eligible: {prepared.reason}")
        return prepared

    def answer(self, prepared: Prepared) -> Answer:
        """Score a tensor."""
        inputs = {self.model.contract.spec.recipe.input.name: prepared.pixels[np.newaxis]}
        wanted = wanted_outputs(self.model, heat_map=False)
        return interpret(self.model, self.engine.infer(self.model, inputs, wanted))

    def drift(self, whole: Prepared, reduced: Prepared) -> Drift:
        """Compare the tensors and answers of one image."""
        differences = np.abs(whole.pixels.astype(np.int16) - reduced.pixels)
        answers = self.answer(whole), self.answer(reduced)
        shift = np.ptp(np.array([answer.value for answer in answers], dtype=np.float64))
        return Drift(
            largest_pixel_difference=int(differences.max()),
            common_pixel_difference=float(np.percentile(differences, 99.9)),
            mean_pixel_difference=round(float(differences.mean()), 4),
            probability_shift=round(float(shift), 6),
            flipped_calls=int(answers[0].call != answers[1].call),
        )


def detector_phantoms(count: int) -> Iterator[FileDataset]:
    """Render phantoms at the matrix of a detector, each with its own quantum noise in every pixel."""
    return (magnified(phantom, MAGNIFICATION).dataset() for phantom in radiograph_cohort(Part.TEST, count=count))


def magnified(phantom: RadiographPhantom, factor: int) -> RadiographPhantom:
    """Return the same patient on a detector of smaller pixels: `factor` times as many rows and columns."""
    grid = phantom.view.grid
    finer = replace(
        grid,
        rows=grid.rows * factor,
        columns=grid.columns * factor,
        spacing_mm=grid.spacing_mm / factor,
        carina_row=grid.carina_row * factor,
        carina_column=grid.carina_column * factor,
    )
    return replace(phantom, view=replace(phantom.view, grid=finer))


def as_jpeg2000(ds: FileDataset, *, lossy_db: int | None = None) -> FileDataset:
    """Return an image in JPEG 2000: reversible, or lossy with a peak signal to noise ratio in dB."""
    reversible = lossy_db is None
    codestream = imagecodecs.jpeg2k_encode(
        ds.pixel_array, level=lossy_db or 0, codecformat="J2K", reversible=reversible, bitspersample=ds.BitsStored
    )
    encoded = FileDataset("", dict(ds), file_meta=FileMetaDataset(), preamble=ds.preamble)
    encoded.file_meta.TransferSyntaxUID = uid.JPEG2000Lossless if reversible else uid.JPEG2000
    del encoded.PixelData  # set in place, it would change that of `ds` too
    encoded.PixelData = encapsulate([bytes(codestream)])
    return encoded


@dataclass(frozen=True, kw_only=True)
class _Compared:
    """One image with one oversampling."""

    oversampling: int
    divisor: int
    drift: Drift
    whole_ms: float
    reduced_ms: float


def measure(phantoms: int, *, repetitions: int) -> ReducedResolutionRecord:
    """Compare both ways on phantoms, lossless and lossy, and on a real radiograph, after one warm-up of each."""
    with InProcessEngine(COMMITTED_REPOSITORY) as engine:
        scoring = Scoring(engine=engine, model=engine.served_model(MODEL))
        kinds: dict[str, list[_Compared]] = {}
        for name, ds in _images(phantoms):
            for oversampling in OVERSAMPLINGS:
                kinds.setdefault(name, []).append(_compared(ds, scoring, oversampling, repetitions))
        return ReducedResolutionRecord(
            machine=Machine.here(),
            contract_sha256=scoring.model.contract_sha256,
            phantoms=phantoms,
            seed=Part.TEST.seed,
            magnification=MAGNIFICATION,
            lossy_db=LOSSY_DB,
            repetitions=repetitions,
            comparisons=tuple(
                _comparison(name, oversampling, compared)
                for name, compared in kinds.items()
                for oversampling in OVERSAMPLINGS
            ),
        )


def _images(phantoms: int) -> Iterator[tuple[str, FileDataset]]:
    for ds in detector_phantoms(phantoms):
        yield "phantoms, lossless", as_jpeg2000(ds)
        yield "phantoms, lossy", as_jpeg2000(ds, lossy_db=LOSSY_DB)
    for name in PUBLISHED:
        yield name, published_image(name)


def _compared(ds: FileDataset, scoring: Scoring, oversampling: int, repetitions: int) -> _Compared:
    ways = {"whole": None, "reduced": oversampling}
    prepared = {name: scoring.prepare(ds, way) for name, way in ways.items()}
    elapsed_ms: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repetitions):
        for name, way in ways.items():
            started_s = time.perf_counter()
            scoring.prepare(ds, way)
            elapsed_ms[name].append((time.perf_counter() - started_s) * 1000)
    rows, columns = fitted_shape((ds.Rows, ds.Columns), scoring.recipe(None))
    decoded = stored_pixels(ds, least_shape=(oversampling * rows, oversampling * columns))
    return _Compared(
        oversampling=oversampling,
        divisor=divisor_of((ds.Rows, ds.Columns), decoded.shape),
        drift=scoring.drift(prepared["whole"], prepared["reduced"]),
        whole_ms=statistics.median(elapsed_ms["whole"]),
        reduced_ms=statistics.median(elapsed_ms["reduced"]),
    )


def _comparison(name: str, oversampling: int, compared: Iterable[_Compared]) -> Comparison:
    images = [image for image in compared if image.oversampling == oversampling]
    whole_ms, reduced_ms = (
        statistics.median(times)
        for times in ([image.whole_ms for image in images], [image.reduced_ms for image in images])
    )
    return Comparison(
        images=name,
        oversampling=oversampling,
        images_by_divisor=dict(sorted(Counter(image.divisor for image in images).items())),
        drift=_worst([image.drift for image in images]),
        whole_ms=round(whole_ms, 1),
        reduced_ms=round(reduced_ms, 1),
        times_faster=round(whole_ms / reduced_ms, 2),
    )


def _worst(drifts: Iterable[Drift]) -> Drift:
    """Return the largest of each figure; flipped calls are added up."""
    found = list(drifts)
    return Drift(
        largest_pixel_difference=max(drift.largest_pixel_difference for drift in found),
        common_pixel_difference=max(drift.common_pixel_difference for drift in found),
        mean_pixel_difference=max(drift.mean_pixel_difference for drift in found),
        probability_shift=max(drift.probability_shift for drift in found),
        flipped_calls=sum(drift.flipped_calls for drift in found),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line."""
    parser = scenario_parser(__doc__, repetitions=3)
    parser.add_argument("--phantoms", type=int, default=40, help="phantom radiographs (default: 40)")
    given = parser.parse_args(arguments)
    deliver_record(measure(given.phantoms, repetitions=given.repetitions), given.out)


if __name__ == "__main__":
    main()
