"""Planar heart-to-mediastinum ratio: regions where they belong, the published conversion, refusals with reasons."""

from collections.abc import Callable

import numpy as np
import pytest
from pydicom.dataset import FileDataset
from pydicom.sr.codedict import codes

from phantoms import MibgPhantom, MibgTime, Part, Site, SympatheticDisease, mibg_cohort, mibg_phantom
from phantoms.mibg_camera import PLANAR_MATRIX, PLANAR_SIDE_MM
from preprocessing import NotEligible
from preprocessing.planar_heart import PlanarRatio, known_collimator, planar_ratio, standardized_ratio
from preprocessing.planar_image import PlanarImage, read_planar
from preprocessing.unknown import Unknown
from specs.mibg import COLLIMATORS, MIBG_PLANAR, STANDARD_COEFFICIENT, Collimator
from tests.preprocessing.tomography import coded_item


def read(ds: FileDataset) -> PlanarImage:
    image = read_planar(ds)
    assert isinstance(image, PlanarImage), image.reason
    return image


def measured(image: PlanarImage) -> PlanarRatio:
    found = planar_ratio(image, MIBG_PLANAR)
    assert isinstance(found, PlanarRatio), found.reason
    return found


def standardized(phantom: MibgPhantom, time: MibgTime) -> float:
    image = read(phantom.planar_dataset(time))
    collimator = known_collimator(image.collimator, COLLIMATORS)
    assert isinstance(collimator, Collimator)
    return standardized_ratio(measured(image).ratio, coefficient=collimator.coefficient)


@pytest.mark.parametrize("site", list(Site))
def test_late_ratios_of_phantoms_are_the_published_ones_on_either_collimator(site: Site) -> None:
    found: dict[SympatheticDisease, list[float]] = {disease: [] for disease in SympatheticDisease}
    known, ratios = [], []
    for phantom in mibg_cohort(Part.VALIDATION, count=20, site=site):
        ratio = standardized(phantom, MibgTime.LATE)
        found[phantom.truth.disease].append(ratio)
        known.append(phantom.truth.heart_to_mediastinum(phantom.truth.late))
        ratios.append(ratio)
    # PMC5852176: 3.69 - 0.0071 x age, lower limit 2.2 to 2.3; Lewy-body disease below 1.48 to 1.6.
    none, failing, lewy = (float(np.median(found[disease])) for disease in SympatheticDisease)
    assert 2.5 < none < 3.4
    assert lewy < 1.65
    assert lewy < failing < none
    assert np.corrcoef(known, ratios)[0, 1] > 0.85


def heart_pixel(phantom: MibgPhantom, time: MibgTime) -> tuple[float, float]:
    """Return the row and column of the projected middle of the left ventricle."""
    pose = phantom.early_pose if time is MibgTime.EARLY else phantom.late_pose
    ventricle = phantom.chest.ventricle
    middle_mm = np.array(ventricle.center_mm) + 12 * np.array(ventricle.axis)
    head, _, left = pose.axes @ middle_mm + np.array(pose.shift_mm)
    middle = (PLANAR_MATRIX - 1) / 2
    return middle - (head + 80) / PLANAR_SIDE_MM, middle + left / PLANAR_SIDE_MM


def test_the_circle_lies_on_hearts_and_the_rectangle_above_them_in_the_middle() -> None:
    off = []
    for phantom in mibg_cohort(Part.VALIDATION, count=10):
        found = measured(read(phantom.planar_dataset(MibgTime.EARLY)))
        center = np.array([part.mean() for part in np.nonzero(found.heart)])
        off.append(np.linalg.norm(center - heart_pixel(phantom, MibgTime.EARLY)) * PLANAR_SIDE_MM)
        rows, columns = np.nonzero(found.mediastinum)
        assert rows.max() < np.nonzero(found.heart)[0].min()
        assert abs(columns.mean() - (PLANAR_MATRIX - 1) / 2) * PLANAR_SIDE_MM < 25
    assert np.median(off) < 20
    assert np.mean(np.array(off) < MIBG_PLANAR.heart_diameter_mm / 2) > 0.85


def test_the_conversion_is_the_published_one() -> None:
    # PMC6133137: of 1.5 on a low-energy collimator of 0.55, 1 + 0.5 x 0.88 / 0.55 = 1.8.
    assert standardized_ratio(1.5, coefficient=0.55) == pytest.approx(1.8)
    assert standardized_ratio(2.4, coefficient=STANDARD_COEFFICIENT) == pytest.approx(2.4)
    assert standardized_ratio(1.0, coefficient=0.55) == 1
    with pytest.raises(ValueError, match="above 0"):
        standardized_ratio(1.5, coefficient=0)


def test_an_unknown_collimator_is_not_standardized_and_said_so() -> None:
    for name in ("", "PINHOLE", "LEHRX"):
        found = known_collimator(name, COLLIMATORS)
        assert isinstance(found, Unknown)
        assert "not standardized" in found.reason
    for collimator in COLLIMATORS:
        assert known_collimator(collimator.kind, COLLIMATORS) == collimator


@pytest.mark.parametrize("name", ["LEHR", "lehr ", "LE-HR", "Le_Hr"])
def test_marks_and_case_of_a_collimator_s_name_do_not_matter(name: str) -> None:
    ds = mibg_phantom(seed=1, index=0).planar_dataset(MibgTime.EARLY)
    ds.DetectorInformationSequence[0].CollimatorGridName = name
    assert read(ds).collimator == "LEHR"


def test_counts_of_a_pixel_and_their_number_do_not_change_the_ratio() -> None:
    image = read(mibg_phantom(seed=1, index=3).planar_dataset(MibgTime.LATE))
    finer = PlanarImage(
        counts=np.kron(image.counts, np.ones((2, 2), np.float32)),
        pixel_mm=(image.pixel_mm[0] / 2, image.pixel_mm[1] / 2),
        collimator="",
    )
    assert measured(finer).ratio == pytest.approx(measured(image).ratio, rel=0.04)


def both_sides(ds: FileDataset) -> None:
    """Make it an image of two detectors, anterior and posterior."""
    front = ds.DetectorInformationSequence[0]
    back = type(front)()
    back.ViewCodeSequence = [coded_item(codes.cid26.PosteriorProjection)]
    back.CollimatorType = "PARA"
    ds.DetectorInformationSequence = [back, front]
    ds.NumberOfDetectors = ds.NumberOfFrames = 2
    ds.DetectorVector, ds.EnergyWindowVector = [1, 2], [1, 1]
    pixels = np.frombuffer(ds.PixelData, "<u2").reshape(ds.Rows, ds.Columns)
    ds.PixelData = np.stack([pixels[:, ::-1] // 2, pixels]).tobytes()


def test_of_two_detectors_the_anterior_one_is_read() -> None:
    ds = mibg_phantom(seed=1, index=0).planar_dataset(MibgTime.EARLY)
    alone = read(ds)
    both_sides(ds)
    np.testing.assert_array_equal(read(ds).counts, alone.counts)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda ds: ds.__setattr__("Modality", "CT"), "modality is CT"),
        (lambda ds: ds.__setattr__("ImageType", ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]), "STATIC"),
        (lambda ds: ds.__setattr__("ImageType", ["DERIVED", "PRIMARY", "STATIC", "EMISSION"]), "DERIVED"),
        (lambda ds: ds.__setattr__("SamplesPerPixel", 3), "colors"),
        (lambda ds: ds.DetectorInformationSequence[0].__delattr__("ViewCodeSequence"), "anterior view"),
        (lambda ds: ds.__setattr__("NumberOfFrames", 2), "2 of its frames"),
    ],
)
def test_what_is_no_anterior_planar_image_is_refused(change: Callable[[FileDataset], None], reason: str) -> None:
    ds = mibg_phantom(seed=1, index=0).planar_dataset(MibgTime.EARLY)
    change(ds)
    refused = read_planar(ds)
    assert isinstance(refused, NotEligible)
    assert reason in refused.reason


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (np.zeros((128, 128), np.float32), "empty"),
        (np.full((128, 128), 50, np.float32), "."),
        (np.pad(np.full((8, 8), 90, np.float32), 60), "."),
    ],
)
def test_what_is_no_chest_is_refused_with_a_reason(counts: np.ndarray, reason: str) -> None:
    found = planar_ratio(PlanarImage(counts=counts, pixel_mm=(3.2, 3.2), collimator=""), MIBG_PLANAR)
    assert isinstance(found, Unknown)
    assert reason in found.reason or reason == "."


def test_too_few_counts_are_refused() -> None:
    image = read(mibg_phantom(seed=1, index=3).planar_dataset(MibgTime.LATE))
    faint = PlanarImage(counts=image.counts * np.float32(0.05), pixel_mm=image.pixel_mm, collimator="")
    found = planar_ratio(faint, MIBG_PLANAR)
    assert isinstance(found, Unknown)
    assert "fewer than 5 counts" in found.reason
