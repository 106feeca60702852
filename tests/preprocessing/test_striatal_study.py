"""A dopamine-transporter study becomes features and an image, the same whichever way it is stacked, or says why not."""

from collections.abc import Callable
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence

from phantoms import Part, Site, dopamine_cohort
from preprocessing import NotEligible, Prepared, PreparedFeatures, prepare
from preprocessing.picture import read_picture
from preprocessing.reading import read_dataset
from preprocessing.striatal_features import striatal_feature
from preprocessing.striatum import StriatalUptake, StriatumUptake
from specs.fdg_projections import FDG_PROJECTIONS_256
from specs.striatal_recipes import STRIATAL_FEATURES, STRIATAL_IMAGE, StriatalFeature
from specs.striatum import SOUTHAMPTON

SIDED = ("binding_ratio", "caudate", "putamen")


@cache
def written(index: int, site: Site = Site.A) -> bytes:
    content = BytesIO()
    phantom = dopamine_cohort(Part.TEST, count=index + 1, site=site)[index]
    dcmwrite(content, phantom.dataset(), enforce_file_format=True)
    return content.getvalue()


def study(index: int = 0, site: Site = Site.A) -> FileDataset:
    ds = read_dataset(written(index, site))
    assert isinstance(ds, FileDataset)
    return ds


def features(ds: FileDataset) -> PreparedFeatures:
    found = prepare(ds, STRIATAL_FEATURES)
    assert isinstance(found, PreparedFeatures), found
    return found


def image(ds: FileDataset) -> Prepared:
    found = prepare(ds, STRIATAL_IMAGE)
    assert isinstance(found, Prepared), found
    return found


def mirrored(ds: FileDataset) -> FileDataset:
    """Exchange the patient's sides, in the pixels alone."""
    stored = np.frombuffer(ds.PixelData, "<u2").reshape(ds.NumberOfFrames, ds.Rows, ds.Columns)
    ds.PixelData = np.ascontiguousarray(stored[:, :, ::-1]).tobytes()
    return ds


def restacked(ds: FileDataset) -> FileDataset:
    """Store the same slices in the opposite order, and say so by the sign of the spacing."""
    stored = np.frombuffer(ds.PixelData, "<u2").reshape(ds.NumberOfFrames, ds.Rows, ds.Columns)
    detector = ds.DetectorInformationSequence[0]
    row, column = np.array(detector.ImageOrientationPatient, float).reshape(2, 3)
    last = np.cross(row, column) * float(ds.SpacingBetweenSlices) * (ds.NumberOfFrames - 1)
    position = np.array(detector.ImagePositionPatient, float) + last
    detector.ImagePositionPatient = [round(float(value), 4) for value in position]
    ds.SpacingBetweenSlices = -ds.SpacingBetweenSlices
    ds.PixelData = np.ascontiguousarray(stored[::-1]).tobytes()
    return ds


def by_name(found: PreparedFeatures) -> dict[str, float]:
    return {measurement.name: measurement.value for measurement in found.measurements}


@pytest.mark.parametrize("site", list(Site))
@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_flip_exchanges_left_and_right_and_leaves_the_features(index: int, site: Site) -> None:
    straight, flipped = features(study(index, site)), features(mirrored(study(index, site)))
    for name in SIDED:
        for side, other in (("left", "right"), ("right", "left")):
            assert by_name(flipped)[f"{name}_{side}"] == pytest.approx(by_name(straight)[f"{name}_{other}"], abs=1e-3)
    assert flipped.tensor == pytest.approx(straight.tensor, rel=1e-3, abs=0.02)
    assert np.abs(flipped.image[:, ::-1].astype(int) - straight.image).max() <= 2


@pytest.mark.parametrize("index", [0, 3])
def test_neither_the_order_of_slices_nor_the_sign_of_their_spacing_matters(index: int) -> None:
    straight, other = features(study(index)), features(restacked(study(index)))
    assert np.array_equal(straight.tensor, other.tensor)
    assert np.array_equal(straight.image, other.image)
    assert np.array_equal(image(study(index)).pixels, image(restacked(study(index))).pixels)


def test_the_tensor_holds_the_features_in_the_order_of_the_recipe() -> None:
    found = features(study())
    truth = dopamine_cohort(Part.TEST, count=1)[0].truth
    named = dict(zip(STRIATAL_FEATURES.names, found.tensor.tolist(), strict=True))
    measured = by_name(found)
    assert found.tensor.dtype == np.float32
    assert named[StriatalFeature.AGE_YEARS] == truth.age_years
    sides = [measured["binding_ratio_left"], measured["binding_ratio_right"]]
    assert named[StriatalFeature.BINDING_MEAN] == pytest.approx(np.mean(sides))
    assert named[StriatalFeature.BINDING_LOWER] == pytest.approx(min(sides))
    assert named[StriatalFeature.BINDING_ASYMMETRY_PERCENT] == pytest.approx(measured["asymmetry_index"])
    ratio = min((1 + measured[f"putamen_{side}"]) / (1 + measured[f"caudate_{side}"]) for side in ("left", "right"))
    assert named[StriatalFeature.SHAPE_LOWER] == pytest.approx(ratio)


@pytest.mark.parametrize("name", list(StriatalFeature))
def test_every_feature_is_a_number_also_where_nothing_binds(name: StriatalFeature) -> None:
    profile = (0.0,) * SOUTHAMPTON.profile_parts
    nothing = StriatumUptake(specific_binding_ratio=0.0, caudate=0.0, putamen=0.0, profile=profile)
    found = StriatalUptake(left=nothing, right=nothing, reference=1.0, center_mm=(0, 0, 0))
    expected = {StriatalFeature.AGE_YEARS: 70.0, StriatalFeature.SHAPE_MEAN: 1.0, StriatalFeature.SHAPE_LOWER: 1.0}
    assert striatal_feature(name, found, age_years=70.0) == expected.get(name, 0.0)


@pytest.mark.parametrize(("left", "right", "expected"), [(0.5, -0.49, 200.0), (-0.1, 0.3, 200.0), (-0.1, -0.2, 0.0)])
def test_the_asymmetry_is_bounded_where_a_side_does_not_bind(left: float, right: float, expected: float) -> None:
    profile = (0.0,) * SOUTHAMPTON.profile_parts
    sides = [
        StriatumUptake(specific_binding_ratio=each, caudate=0.0, putamen=0.0, profile=profile) for each in (left, right)
    ]
    found = StriatalUptake(left=sides[0], right=sides[1], reference=1.0, center_mm=(0, 0, 0))
    assert found.asymmetry_percent is None
    assert striatal_feature(StriatalFeature.BINDING_ASYMMETRY_PERCENT, found, age_years=70.0) == expected


def test_the_image_is_black_outside_the_head_and_brightest_in_a_striatum() -> None:
    for index in range(3):
        found = image(study(index))
        assert found.pixels.shape == STRIATAL_IMAGE.input.shape
        pixels = found.pixels[0]
        middle = pixels[24:104, 24:104]
        assert pixels.max() == middle.max()
        assert middle.mean() > 2 * np.concatenate([pixels[:8].ravel(), pixels[-8:].ravel()]).mean()
        assert np.array_equal(pixels, features(study(index)).image)


def without_age(ds: Dataset) -> None:
    del ds.PatientAge


def of_perfusion(ds: Dataset) -> None:
    agent = ds.RadiopharmaceuticalInformationSequence[0]
    agent.Radiopharmaceutical = "Ceretec DOE^JANE"
    agent.RadiopharmaceuticalCodeSequence[0].CodeValue = "409291004"


def of_unknown_tracer(ds: Dataset) -> None:
    ds.RadiopharmaceuticalInformationSequence = Sequence([])


def of_another_text(ds: Dataset) -> None:
    agent = ds.RadiopharmaceuticalInformationSequence[0]
    del agent.RadiopharmaceuticalCodeSequence
    agent.Radiopharmaceutical = "Ceretec DOE^JANE"


def of_its_nuclide_alone(ds: Dataset) -> None:
    agent = ds.RadiopharmaceuticalInformationSequence[0]
    del agent.RadiopharmaceuticalCodeSequence
    agent.Radiopharmaceutical = "I-123"


def of_a_child(ds: Dataset) -> None:
    ds.PatientAge = "005Y"


def empty(ds: Dataset) -> None:
    ds.PixelData = bytes(len(ds.PixelData))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without_age, "the patient's age is not stated"),
        (of_perfusion, "its radiopharmaceutical is the code 409291004 SCT, not Ioflupane I^123^"),
        (of_another_text, "its radiopharmaceutical is not Ioflupane I^123^"),
        (of_its_nuclide_alone, "its radiopharmaceutical is not stated"),
        (of_a_child, "the patient's age is not within 40 to 90 years"),
        (of_unknown_tracer, "its radiopharmaceutical is not stated"),
        (empty, "the volume is empty"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_cannot_be_measured_is_not_eligible_and_says_why(change: Callable[[Dataset], None], reason: str) -> None:
    ds = study()
    change(ds)
    found = prepare(ds, STRIATAL_FEATURES)
    assert isinstance(found, NotEligible)
    assert found.reason == reason
    assert found.identity.sop_instance_uid == ds.SOPInstanceUID


@pytest.mark.parametrize("text", ["DaTSCAN", "123I-FP-CIT", "Ioflupane (123I)"])
def test_a_tracer_may_be_stated_in_words_alone(text: str) -> None:
    ds = study()
    agent = ds.RadiopharmaceuticalInformationSequence[0]
    del agent.RadiopharmaceuticalCodeSequence
    agent.Radiopharmaceutical = text
    assert np.array_equal(features(ds).tensor, features(study()).tensor)


def test_the_age_is_not_needed_for_the_image() -> None:
    ds = study()
    without_age(ds)
    assert image(ds).patient_age_years is None


def test_another_recipe_refuses_the_study_and_these_refuse_another() -> None:
    refused = prepare(study(), FDG_PROJECTIONS_256)
    assert isinstance(refused, NotEligible)
    assert refused.reason == "modality is NM, not PT"
    ds = study()
    ds.Modality = "PT"
    for recipe in (STRIATAL_FEATURES, STRIATAL_IMAGE):
        other = prepare(ds, recipe)
        assert isinstance(other, NotEligible)
        assert other.reason == "modality is PT, not NM"


def test_a_picture_is_no_study() -> None:
    content = BytesIO()
    Image.new("L", (300, 300)).save(content, format="PNG")
    found = prepare(read_picture(content.getvalue()), STRIATAL_FEATURES)
    assert isinstance(found, NotEligible)
    assert found.reason == "it is no DICOM file: no slice of a series of modality NM"
