"""Groups of patients and images."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.characteristics import NOT_KNOWN, Characteristics, groupings

STUDIES = st.lists(
    st.builds(
        Characteristics,
        sex=st.sampled_from([None, "F", "M", "O"]),
        age_years=st.none() | st.floats(0, 120),
        view=st.sampled_from([None, "PA", "AP"]),
        site=st.none() | st.sampled_from(["Ward B", "A", NOT_KNOWN]),
    ),
    min_size=1,
    max_size=30,
)


@given(STUDIES)
def test_every_study_is_in_one_group_of_each_characteristic(studies: list[Characteristics]) -> None:
    for grouping in groupings(studies):
        assert sum(members.sum() for _, members in grouping) == len(studies)
        assert all(members.any() for _, members in grouping)


def test_what_is_known_of_no_study_is_no_characteristic() -> None:
    studies = [Characteristics(sex="F"), Characteristics(sex=None)]
    ((grouping),) = groupings(studies)
    assert (grouping.characteristic, grouping.order) == ("sex", ("F", NOT_KNOWN))
    assert grouping.groups.tolist() == ["F", NOT_KNOWN]
    assert groupings([Characteristics()]) == ()


def test_sites_stand_by_their_names() -> None:
    ((grouping),) = groupings([Characteristics(site=site) for site in ("Ward B", None, "Annex", "Ward B")])
    assert (grouping.characteristic, grouping.order) == ("site", ("Annex", "Ward B", NOT_KNOWN))


@pytest.mark.parametrize(
    ("age_years", "band"),
    [(0, "under 40"), (39.9, "under 40"), (40, "40 to 59"), (59.99, "40 to 59"), (60, "60 to 74"), (75, "75 and over")],
)
def test_an_age_is_in_the_band_of_its_completed_years(age_years: float, band: str) -> None:
    ((grouping),) = groupings([Characteristics(age_years=age_years)])
    assert grouping.groups.tolist() == [band]


def test_groups_stand_in_the_order_of_a_table() -> None:
    ages = [80.0, None, 20.0, 61.0, 45.0]
    ((grouping),) = groupings([Characteristics(age_years=age) for age in ages])
    assert grouping.order == ("under 40", "40 to 59", "60 to 74", "75 and over", NOT_KNOWN)
