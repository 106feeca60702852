"""Fisher's exact table, and which p values of a published one it gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.fisher_table import FisherTable, SignCounts, fisher_table
from evaluation.proportions import proportion
from tests.evaluation.published import LYMPHOMA, SARCOIDOSIS, SITES, PrintedSite, nearest_counts
from tests.evaluation.r_reference import printed


def site_table(signs: tuple[SignCounts, ...]) -> FisherTable:
    return fisher_table(signs, groups=("sarcoidosis", "lymphoma"), people=(SARCOIDOSIS, LYMPHOMA))


def p_value(site: PrintedSite) -> float:
    return site_table((nearest_counts(site),)).rows[0].p_value


def is_as_printed(site: PrintedSite) -> bool:
    """Say whether the counts give both printed percentages and the printed p value."""
    counts = nearest_counts(site)
    percents = round(100 * counts.in_first / SARCOIDOSIS, 1), round(100 * counts.in_second / LYMPHOMA, 1)
    found = p_value(site)
    as_text = "<0.001" if found < 0.001 else f"{found:.3f}"
    return percents == (site.sarcoidosis_percent, site.lymphoma_percent) and as_text == site.p_value


def site_called(name: str) -> PrintedSite:
    return next(site for site in SITES if site.site == name)


def test_eight_of_the_eleven_published_p_values_come_out_of_the_counts() -> None:
    assert [site.site for site in SITES if not is_as_printed(site)] == ["salivary gland", "spleen", "adrenal gland"]
    assert len(SITES) == 11


def test_the_p_value_of_the_salivary_gland_was_cut_not_rounded() -> None:
    found = p_value(site_called("salivary gland"))
    assert f"{found:.4f}" == "0.0569"
    assert f"{found:.3f}" == "0.057"
    assert site_called("salivary gland").p_value == "0.056"


def test_the_percentage_of_the_spleen_is_that_of_no_count() -> None:
    spleen = site_called("spleen")
    shares = [round(100 * count / LYMPHOMA, 1) for count in range(LYMPHOMA + 1)]
    assert spleen.lymphoma_percent not in shares
    assert shares[nearest_counts(spleen).in_second] == 17.7
    assert f"{p_value(spleen):.3f}" == spleen.p_value  # the p value is that of 11 of 62


def test_the_p_value_of_the_adrenal_gland_is_that_of_one_patient_more() -> None:
    adrenal = site_called("adrenal gland")
    assert nearest_counts(adrenal).in_second == 4
    assert f"{p_value(adrenal):.3f}" == "0.121"
    one_more = SignCounts(sign="adrenal gland", in_first=0, in_second=5)
    assert f"{site_table((one_more,)).rows[0].p_value:.3f}" == adrenal.p_value == "0.059"
    assert round(100 * 5 / LYMPHOMA, 1) != adrenal.lymphoma_percent


@pytest.mark.parametrize(("first", "second"), [(2, 9), (9, 11), (23, 24), (7, 11), (0, 4), (0, 5), (2, 6)])
def test_the_p_values_are_those_of_r(first: int, second: int) -> None:
    row = site_table((SignCounts(sign="a site", in_first=first, in_second=second),)).rows[0]
    assert row.p_value == pytest.approx(printed(f"fisher {first} of 56, {second} of 62"), abs=1e-9)


@settings(max_examples=25)
@given(st.integers(0, SARCOIDOSIS), st.integers(0, LYMPHOMA))
def test_the_shares_have_exact_intervals(first: int, second: int) -> None:
    row = site_table((SignCounts(sign="a site", in_first=first, in_second=second),)).rows[0]
    assert row.first == proportion(first, SARCOIDOSIS)
    assert row.second == proportion(second, LYMPHOMA)


@settings(max_examples=25)
@given(st.integers(0, SARCOIDOSIS), st.integers(0, LYMPHOMA))
def test_neither_the_order_of_the_groups_nor_the_absence_of_the_sign_changes_the_p_value(
    first: int, second: int
) -> None:
    expected = site_table((SignCounts(sign="a site", in_first=first, in_second=second),)).rows[0].p_value
    absent = SignCounts(sign="a site", in_first=SARCOIDOSIS - first, in_second=LYMPHOMA - second)
    swapped = fisher_table(
        (SignCounts(sign="a site", in_first=second, in_second=first),),
        groups=("lymphoma", "sarcoidosis"),
        people=(LYMPHOMA, SARCOIDOSIS),
    )
    assert site_table((absent,)).rows[0].p_value == pytest.approx(expected, rel=1e-9)
    assert swapped.rows[0].p_value == pytest.approx(expected, rel=1e-9)


def test_the_table_reads_as_the_published_one() -> None:
    lines = str(site_table(tuple(nearest_counts(site) for site in SITES))).splitlines()
    assert lines[0] == "sarcoidosis (n = 56), lymphoma (n = 62); Fisher's exact test:"
    assert lines[-1] == (
        "  skin                     0.036 (95 % CI 0.004–0.123)  0.097 (95 % CI 0.036–0.199)  p = 0.277"
    )
    assert "p < 0.001" in lines[2]


@pytest.mark.parametrize(("first", "second"), [(-1, 3), (57, 3), (3, 63)])
def test_more_signs_than_people_are_refused(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="a site is in"):
        site_table((SignCounts(sign="a site", in_first=first, in_second=second),))


def test_an_empty_table_or_group_is_refused() -> None:
    with pytest.raises(ValueError, match="a sign at least"):
        site_table(())
    with pytest.raises(ValueError, match="not empty"):
        fisher_table((SignCounts(sign="a site", in_first=0, in_second=1),), groups=("a", "b"), people=(0, 5))
