"""What the card of a model that answers with a volume says of its answer, its network and its validation part."""

from collections.abc import Iterator

from specs.volume import VolumeSpec
from specs.volume_figures import OrganPerformance, PerfusionPerformance
from specs.volume_head import OrganLabels, VirtualPerfusion
from specs.weights import WeightsRecord

Row = tuple[str, ...]


def perfusion_answer_rows(head: VirtualPerfusion) -> Iterator[Row]:
    """Yield what a perfusion model answers."""
    yield "answer", "the perfusion that PET would show, as a share of the uptake of healthy wall, in every voxel"
    yield "what results hold", "values of the 17 segments of SPECT and virtual PET, scores 0 to 4 with their sums"
    yield "value of a segment", f"{head.polar_map.over_segment} of the wall's {head.polar_map.along_radius} along rays"
    limits = f"{head.scores.limit_deviations:g} standard deviations below the mean of people without disease"
    yield "lower limit of normal", limits
    yield "what it is not", "a PET study: no tracer of PET was given, and what is written is derived NM"


def organ_answer_rows(head: OrganLabels) -> Iterator[Row]:
    """Yield what an organ model answers."""
    yield "answer", "which organ each voxel belongs to, early and late"
    for organ in head.organs:
        yield (
            f"label {organ.label}",
            f"{organ.name}: {organ.concept.meaning} ({organ.concept.scheme} {organ.concept.value})",
        )
    yield "what results hold", "heart counts corrected for decay, dose and weight, their ratio to a reference, washout"


def volume_network_rows(spec: VolumeSpec, weights: WeightsRecord) -> Iterator[Row]:
    """Yield what is known of a U-Net."""
    network, sizing = spec.network, spec.network.presets[weights.preset]
    of_volumes = "both volumes of a study at once" if network.joint else "each volume by itself"
    yield "network", f"U-Net over {'each slice by itself' if network.dimensions == 2 else of_volumes}"
    yield "preset", weights.preset
    yield "channels", " – ".join(map(str, network.narrowed(weights.preset)))
    if network.patch > 1:
        yield "patch", f"{network.patch} voxels along each axis are one place of the network"
    if sizing.reduction > 1:
        yield "own input", f"every {sizing.reduction} voxels along each axis averaged; the answer is enlarged linearly"


def perfusion_column(found: PerfusionPerformance) -> dict[str, str]:
    """Return the figures of a perfusion model on its validation part by name."""
    return {
        "patients": f"{found.patients:,}",
        "segments: mean absolute error of virtual PET [%]": f"{found.segment_error_percent:.2f}",
        "segments: mean absolute error of SPECT [%]": f"{found.spect_segment_error_percent:.2f}",
        "people without disease of the training part behind the normal limits": f"{found.stress_limits.patients:,}",
    }


def organ_column(found: OrganPerformance) -> dict[str, str]:
    """Return the figures of an organ model on its validation part by name."""
    return {"patients": f"{found.patients:,}", **{f"Dice, {each.organ}": f"{each.dice:.3f}" for each in found.dice}}
