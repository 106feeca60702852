"""Files become series of which every image is there once."""

import pytest

from preprocessing import NotEligible
from preprocessing.errors import InconsistentSeries, MissingAttribute
from preprocessing.grid import read_grid
from preprocessing.series import Series, grouped_by_series
from tests.preprocessing.radiographs import chest_dataset, ramp
from tests.preprocessing.tomography import (
    SMALL_PET,
    as_read,
    counting,
    pet_images,
)

STORED = counting((6, 2, 3))


def test_a_file_that_is_given_twice_is_harmless() -> None:
    images = pet_images(STORED)
    once, twice = (read_grid(as_read(files), SMALL_PET) for files in (images, [*images, *images[::-1]]))
    assert not isinstance(once, NotEligible)
    assert not isinstance(twice, NotEligible)
    assert (once.values == twice.values).all()


def test_one_instance_uid_with_two_contents_is_an_error() -> None:
    images = pet_images(STORED)
    with pytest.raises(InconsistentSeries, match="two different images"):
        as_read([*images, pet_images(STORED + 1)[0]])


def test_files_of_several_series_or_of_none_are_no_series() -> None:
    images = pet_images(STORED)
    images[0].SeriesInstanceUID = "1.2.3"
    with pytest.raises(InconsistentSeries, match="several series or studies"):
        as_read(images)
    with pytest.raises(InconsistentSeries, match="no image"):
        as_read([])
    del images[0].SOPInstanceUID
    with pytest.raises(MissingAttribute, match="SOPInstanceUID"):
        Series.of(images)


def test_files_of_a_study_are_grouped_by_series_in_any_order() -> None:
    first, second = pet_images(STORED), pet_images(STORED, SeriesInstanceUID="1.2.3")
    alone = chest_dataset(ramp(4, 4))
    del alone.SeriesInstanceUID
    mixed = [second[1], first[0], alone, second[0], first[1]]
    groups = grouped_by_series(mixed)
    assert [len(group) for group in groups] == [2, 2, 1]
    assert [{ds.SeriesInstanceUID for ds in group} for group in groups[:2]] == [{"1.2.3"}, {first[0].SeriesInstanceUID}]
    assert groups[2] == (alone,)
