"""A dopamine-transporter SPECT study as the input tensor of a model: features of its striata, or their image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import FileDataset

from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.measurement import Measurement
from preprocessing.patient_age import patient_age_years
from preprocessing.prepared import Placement, Prepared, PreparedFeatures
from preprocessing.striatal_features import striatal_feature
from preprocessing.striatal_image import striatal_image
from preprocessing.striatum import StriatalUptake, UptakeUnknown, striatal_uptake
from preprocessing.tracer import chosen_series_of_tracer
from preprocessing.unknown import Unknown
from preprocessing.volume import Volume, read_volume
from specs.striatal_recipes import StriatalFeatures, StriatalImage
from specs.uptake import Range


@dataclass(frozen=True, kw_only=True)
class _MeasuredStudy:
    identity: Identity
    volume: Volume
    uptake: StriatalUptake
    ages_years: frozenset[float | None]
    remarks: tuple[str, ...]

    @property
    def age_years(self) -> float | None:
        """The patient's age; None where the images do not state it, or do not agree on it."""
        return next(iter(self.ages_years)) if len(self.ages_years) == 1 else None


def prepare_striatal_features(study: Sequence[FileDataset], recipe: StriatalFeatures) -> PreparedFeatures | NotEligible:
    """Measure the striata of the one eligible series of a study, or say why it cannot be done.

    Raises:
        InputError: a series of the accepted kind is broken.
    """
    found = _measured(study, recipe)
    if isinstance(found, NotEligible):
        return found
    age_years = _known_age(found, recipe.ages_years)
    if isinstance(age_years, Unknown):
        return NotEligible(identity=found.identity, reasons=(age_years.reason,))
    features = [striatal_feature(name, found.uptake, age_years=age_years) for name in recipe.names]
    return PreparedFeatures(
        identity=found.identity,
        tensor=np.array(features, dtype=recipe.features.element_type),
        measurements=striatal_measurements(found.uptake),
        image=striatal_image(found.volume, found.uptake, recipe.image),
        remarks=found.remarks,
    )


def prepare_striatal_image(study: Sequence[FileDataset], recipe: StriatalImage) -> Prepared | NotEligible:
    """Take the image of the striata of the one eligible series of a study, or say why there is none.

    Raises:
        InputError: a series of the accepted kind is broken.
    """
    found = _measured(study, recipe)
    if isinstance(found, NotEligible):
        return found
    return Prepared(
        identity=found.identity,
        pixels=striatal_image(found.volume, found.uptake, recipe.image)[np.newaxis],
        placement=Placement(top=0, left=0, rows=recipe.image.rows, columns=recipe.image.columns),
        patient_age_years=found.age_years,
        sides=(("R", "L"),),
        remarks=found.remarks,
    )


def striatal_measurements(uptake: StriatalUptake) -> tuple[Measurement, ...]:
    """Say for people what was measured; without an asymmetry index where nothing binds."""
    sides = {"left": uptake.left, "right": uptake.right}
    found = [
        Measurement(name=f"binding_ratio_{side}", title=f"specific binding ratio, {side}", value=value, unit="1")
        for side, value in ((side, striatum.specific_binding_ratio) for side, striatum in sides.items())
    ]
    if uptake.asymmetry_percent is not None:
        found.append(
            Measurement(name="asymmetry_index", title="asymmetry index", value=uptake.asymmetry_percent, unit="%")
        )
    for nucleus in ("caudate", "putamen"):
        found += [
            Measurement(
                name=f"{nucleus}_{side}", title=f"{nucleus}, {side}", value=getattr(striatum, nucleus), unit="1"
            )
            for side, striatum in sides.items()
        ]
    return tuple(found)


def _measured(study: Sequence[FileDataset], recipe: StriatalFeatures | StriatalImage) -> _MeasuredStudy | NotEligible:
    series = chosen_series_of_tracer(study, recipe.series, recipe.tracer)
    if isinstance(series, NotEligible):
        return series
    identity = Identity.of_all(series.datasets)
    volume = read_volume(series, recipe.series)
    if isinstance(volume, NotEligible):
        return volume
    try:
        uptake = striatal_uptake(volume, recipe.striatum)
    except UptakeUnknown as reason:
        return NotEligible(identity=identity, reasons=(str(reason),))
    ages = frozenset(patient_age_years(ds) for ds in series.datasets)
    return _MeasuredStudy(identity=identity, volume=volume, uptake=uptake, ages_years=ages, remarks=series.remarks)


def _known_age(found: _MeasuredStudy, accepted: Range) -> float | Unknown:
    if len(found.ages_years) > 1:
        return Unknown(reason="its images differ in the patient's age")
    if found.age_years is None:
        return Unknown(reason="the patient's age is not stated")
    if found.age_years not in accepted:
        return Unknown(reason=f"the patient's age is not within {accepted} years")
    return found.age_years
