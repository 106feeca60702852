"""Which images of a cardiac MIBG study are meant: the early and the late SPECT volume, and the planar image of each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pydicom.dataset import FileDataset
from pydicom.sr.coding import Code

from preprocessing.attributes import coded_item, items, texts, word
from preprocessing.corrections import corrections
from preprocessing.count_correction import since_injection_s
from preprocessing.eligibility import NotEligible
from preprocessing.errors import InputError
from preprocessing.frame_masks import ImageFrames, image_frames
from preprocessing.identity import Identity
from preprocessing.planar_image import PlanarImage, read_planar
from preprocessing.series import Series, grouped_by_series
from preprocessing.tracer import tracer_reasons
from preprocessing.unknown import Unknown
from specs.mibg import MibgTime
from specs.mibg_volumes import MibgVolumes


@dataclass(frozen=True, kw_only=True)
class SpectImage:
    """An image of many frames that is one volume, where its frames lie, and the time from the injection to it."""

    ds: FileDataset
    frames: ImageFrames
    since_s: float


@dataclass(frozen=True, kw_only=True)
class SpectPair:
    """The two volumes of a study; `remarks` say which was taken where several were eligible."""

    early: SpectImage
    late: SpectImage
    remarks: tuple[str, ...] = ()


def spect_pair(study: Sequence[FileDataset], recipe: MibgVolumes) -> SpectPair | NotEligible:
    """Find the early and the late volume of a study by their times from the injection. No pixel is decoded.

    Volumes that name all `preferred_corrections` are preferred where there are some at both times; early and late must
    be corrected alike. That of several one is meant is not guessed.

    Args:
        study: Its data sets in any order, at least one.
        recipe: What is eligible, and when early and late are.

    Returns:
        Both; or why they cannot be known.

    Raises:
        InputError: an image of the accepted kind is broken.
    """
    images = _images(study)
    found = _timed_volumes([ds for ds in images if not _tracer_reasons(ds, recipe)], recipe)
    pair = _pair(found, recipe) if isinstance(found, list) and found else found
    if isinstance(pair, SpectPair):
        return pair
    unclear = (pair.reason,) if isinstance(pair, Unknown) else ()
    identity = Identity(study_instance_uid=Identity.of_all(images).study_instance_uid)
    return NotEligible(identity=identity, reasons=(*unclear, *_refusals(images, recipe)))


def planar_image(study: Sequence[FileDataset], time: MibgTime, recipe: MibgVolumes) -> PlanarImage | Unknown:
    """Read the anterior planar image of a study at one time, or say why there is none: never an error."""
    accepted = recipe.count_rules.accepted_s(time)
    found: list[PlanarImage | Unknown] = []
    for ds in _images(study):
        if not _is_planar(ds) or _tracer_reasons(ds, recipe):
            continue
        since_s = since_injection_s(ds, recipe.count_rules)
        if not isinstance(since_s, Unknown) and since_s in accepted:
            found.append(_read_planar(ds))
    read = [image for image in found if isinstance(image, PlanarImage)]
    if len(read) == 1:
        return read[0]
    if read:
        return Unknown(reason=f"{len(read)} of the study's planar images are {time} ones")
    reasons = dict.fromkeys(image.reason for image in found if isinstance(image, Unknown))
    return Unknown(reason="; ".join(reasons) or f"the study has no {time} planar image")


def _images(study: Sequence[FileDataset]) -> list[FileDataset]:
    """Return every instance once, in an order that does not depend on that of the files."""
    return [ds for group in grouped_by_series(study) for ds in Series.of(group).datasets]


def _tracer_reasons(ds: FileDataset, recipe: MibgVolumes) -> tuple[str, ...]:
    """Say why an image is not of the tracer; a radionuclide that is not stated is no reason."""
    reasons = tracer_reasons(Series.of([ds]), recipe.tracer)
    wanted = recipe.count_rules.radionuclide
    agents = items(ds, "RadiopharmaceuticalInformationSequence")
    stated = {coded_item(agent, "RadionuclideCodeSequence") for agent in agents} - {None}
    if stated - {Code(wanted.value, wanted.scheme, wanted.meaning)}:
        return (*reasons, f"its radionuclide is not {wanted.meaning}")
    return reasons


def _timed_volumes(images: Iterable[FileDataset], recipe: MibgVolumes) -> list[SpectImage] | Unknown:
    """Return the volumes among images with their times; unknown where one has none that can be known."""
    volumes = []
    for ds in images:
        frames = image_frames(ds, recipe.series)
        if isinstance(frames, NotEligible) or _extent_reasons(frames, ds, recipe):
            continue
        since_s = since_injection_s(ds, recipe.count_rules)
        if isinstance(since_s, Unknown):
            return Unknown(
                reason=f"of one of its volumes it is not known whether it is early or late: {since_s.reason}"
            )
        volumes.append(SpectImage(ds=ds, frames=frames, since_s=since_s))
    return volumes


def _extent_reasons(frames: ImageFrames, ds: FileDataset, recipe: MibgVolumes) -> tuple[str, ...]:
    row_mm, column_mm = frames.planes[0].pixel_spacing_mm
    stacked = (len(frames.planes) * frames.spacing_mm, ds.Rows * row_mm, ds.Columns * column_mm)
    extent_mm = [stacked[source] for source in frames.axes.order]
    if all(size >= least for size, least in zip(extent_mm, recipe.least_extent_mm, strict=True)):
        return ()
    least = " x ".join(f"{least:g}" for least in recipe.least_extent_mm)
    return (f"its volume is smaller than {least} mm: heart, lungs and liver are not all in it",)


def _pair(volumes: Sequence[SpectImage], recipe: MibgVolumes) -> SpectPair | Unknown:
    preferred = set(recipe.series.preferred_corrections)
    corrected = [volume for volume in volumes if preferred <= corrections(volume.ds)]
    others = [volume for volume in volumes if volume not in corrected]
    for alike in (corrected, others):
        early, late = (_at(time, alike, recipe) for time in MibgTime)
        if early and late:
            pair = _one_of_each(early, late)
            return pair if isinstance(pair, Unknown) else replace(pair, remarks=_remarks(pair, volumes, recipe))
    missing = [time for time in MibgTime if not _at(time, volumes, recipe)]
    if not missing:
        return Unknown(reason=f"its early and its late volume are not corrected alike ({', '.join(preferred)})")
    accepted = recipe.count_rules.accepted_s(missing[0])
    span = f"{accepted.lowest / 60:g} to {accepted.highest / 60:g} minutes after the injection"
    return Unknown(reason=f"it has no {missing[0]} volume, acquired {span}")


def _at(time: MibgTime, volumes: Iterable[SpectImage], recipe: MibgVolumes) -> list[SpectImage]:
    return [volume for volume in volumes if volume.since_s in recipe.count_rules.accepted_s(time)]


def _one_of_each(early: Sequence[SpectImage], late: Sequence[SpectImage]) -> SpectPair | Unknown:
    for time, found in zip(MibgTime, (early, late), strict=True):
        if len(found) > 1:
            return Unknown(
                reason=f"{len(found)} of its volumes are {time} ones, and nothing declared tells which is meant"
            )
    return SpectPair(early=early[0], late=late[0])


def _remarks(pair: SpectPair, volumes: Sequence[SpectImage], recipe: MibgVolumes) -> tuple[str, ...]:
    """Say of each time at which several volumes are eligible why the one was taken."""
    terms = recipe.series.preferred_corrections
    named = "names" if set(terms) <= corrections(pair.early.ds) else "does not name"
    counts = {time: len(_at(time, volumes, recipe)) for time in MibgTime}
    return tuple(
        f"of {count} eligible {time} volumes the one was taken whose corrected image {named} {' and '.join(terms)}"
        for time, count in counts.items()
        if count > 1
    )


def _refusals(images: Sequence[FileDataset], recipe: MibgVolumes) -> tuple[str, ...]:
    """Return what is wrong with images of the accepted modality that are not planar, or with all where none is."""
    of_kind = [ds for ds in images if word(ds, "Modality") == recipe.series.modality and not _is_planar(ds)]
    return tuple(dict.fromkeys(reason for ds in of_kind or images for reason in _reasons(ds, recipe)))


def _reasons(ds: FileDataset, recipe: MibgVolumes) -> Iterator[str]:
    frames = image_frames(ds, recipe.series)
    yield from frames.reasons if isinstance(frames, NotEligible) else _extent_reasons(frames, ds, recipe)
    if word(ds, "Modality") == recipe.series.modality:
        yield from _tracer_reasons(ds, recipe)


def _is_planar(ds: FileDataset) -> bool:
    kinds = [text.strip().upper() for text in texts(ds, "ImageType")]
    return word(ds, "Modality") == "NM" and kinds[2:3] == ["STATIC"]


def _read_planar(ds: FileDataset) -> PlanarImage | Unknown:
    try:
        image = read_planar(ds)
    except InputError as error:
        return Unknown(reason=str(error))
    return Unknown(reason=image.reason) if isinstance(image, NotEligible) else image
