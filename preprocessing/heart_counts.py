"""What the masks measure on cardiac MIBG SPECT: heart counts, their ratio to a reference region, and washout."""

from dataclasses import dataclass

from preprocessing.count_correction import CountCorrection
from preprocessing.mediastinal_reference import mediastinal_reference
from preprocessing.organ_masks import OrganMask, OrganMasks
from preprocessing.unknown import Unknown
from preprocessing.volume import Volume
from preprocessing.washout import background_corrected_washout_percent, ratio_washout_percent, washout_percent
from specs.mibg import CountRules, ReferenceRules


@dataclass(frozen=True, kw_only=True)
class HeartCounts:
    """What one SPECT volume says of the heart.

    Attributes:
        heart_counts: Mean counts of a voxel of the heart, corrected for decay, dose and weight, counts kg/MBq.
        reference_counts: The same of the reference region; unknown where there is none.
        correction: How they were corrected.
    """

    heart_counts: float
    reference_counts: float | Unknown
    correction: CountCorrection

    @property
    def spect_heart_to_reference_ratio(self) -> float | Unknown:
        """Heart over reference region, unit 1.

        Our own measure: it is not the heart-to-mediastinum ratio of planar images, whose normal values and risk groups
        do not hold for it, and it is never standardized for a collimator.
        """
        if isinstance(self.reference_counts, Unknown):
            return self.reference_counts
        if not self.reference_counts > 0:
            return Unknown(reason="the reference region has no counts")
        return self.heart_counts / self.reference_counts


@dataclass(frozen=True, kw_only=True)
class SpectWashout:
    """How much the heart loses from early to late beyond decay, %, in the published forms.

    Attributes:
        of_heart_percent: Of its mean counts.
        background_corrected_percent: Of what it has above the reference region.
        of_ratio_percent: Of its ratio to the reference region.
    """

    of_heart_percent: float | Unknown
    background_corrected_percent: float | Unknown
    of_ratio_percent: float | Unknown


def heart_counts(
    volume: Volume, masks: OrganMasks, *, correction: CountCorrection, rules: ReferenceRules
) -> HeartCounts | Unknown:
    """Measure a volume by its masks.

    Args:
        volume: Counts, in patient axes.
        masks: On its grid.
        correction: Of the image that the volume comes from.
        rules: Reference region.

    Returns:
        The counts; unknown where the mask of the heart is empty.

    Raises:
        ValueError: the masks have another shape than the volume.
    """
    if masks.heart.shape != volume.values.shape:
        raise ValueError("The masks have another shape than the volume")
    heart = _mean(volume, masks.heart)
    if heart is None:
        return Unknown(reason="no heart was found")
    region = mediastinal_reference(masks, spacing_mm=volume.spacing_mm, rules=rules)
    reference = region if isinstance(region, Unknown) else (_mean(volume, region) or 0.0) * correction.factor
    return HeartCounts(heart_counts=heart * correction.factor, reference_counts=reference, correction=correction)


def spect_washout(early: HeartCounts, late: HeartCounts, rules: CountRules) -> SpectWashout | Unknown:
    """Compare early and late, or say why they cannot be compared.

    Both are corrected for decay to the injection, dose and weight, which cancel. How long a frame takes is not
    corrected for: where both say it, it must be the same for counts to be compared (our choice); in a ratio it cancels.

    Source:
        The three forms: `preprocessing/washout.py`, with the reference region for the mediastinum (our choice).
    """
    mistimed = _mistimed(early.correction, late.correction, rules)
    if mistimed is not None:
        return mistimed
    unlike = (
        Unknown(reason="the early and the late acquisition took different times")
        if frame_durations_differ(early.correction, late.correction, rules)
        else None
    )
    return SpectWashout(
        of_heart_percent=unlike or washout_percent(early=early.heart_counts, late=late.heart_counts),
        background_corrected_percent=unlike or _background_corrected(early, late),
        of_ratio_percent=_of_ratio(early.spect_heart_to_reference_ratio, late.spect_heart_to_reference_ratio),
    )


def frame_durations_differ(early: CountCorrection, late: CountCorrection, rules: CountRules) -> bool:
    """Tell whether both acquisitions say how long a frame took, and not the same."""
    first, second = early.frame_duration_s, late.frame_duration_s
    return first is not None and second is not None and abs(second - first) > rules.duration_tolerance * first


def _mean(volume: Volume, mask: OrganMask) -> float | None:
    return float(volume.values[mask].mean()) if mask.any() else None


def _mistimed(early: CountCorrection, late: CountCorrection, rules: CountRules) -> Unknown | None:
    for name, correction, accepted in (("early", early, rules.early_s), ("late", late, rules.late_s)):
        if correction.since_injection_s not in accepted:
            least, most = accepted.lowest / 60, accepted.highest / 60
            return Unknown(reason=f"the {name} acquisition is not {least:g} to {most:g} minutes after the injection")
    return None


def _background_corrected(early: HeartCounts, late: HeartCounts) -> float | Unknown:
    if isinstance(early.reference_counts, Unknown):
        return early.reference_counts
    if isinstance(late.reference_counts, Unknown):
        return late.reference_counts
    return background_corrected_washout_percent(
        early=early.heart_counts,
        late=late.heart_counts,
        early_background=early.reference_counts,
        late_background=late.reference_counts,
    )


def _of_ratio(early: float | Unknown, late: float | Unknown) -> float | Unknown:
    if isinstance(early, Unknown):
        return early
    if isinstance(late, Unknown):
        return late
    return ratio_washout_percent(early_ratio=early, late_ratio=late)
