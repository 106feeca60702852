"""Published figures that tests compute again from counts; the source stands at each."""

from dataclasses import dataclass

from evaluation.fisher_table import SignCounts
from specs.weights import ConfusionCounts


@dataclass(frozen=True, kw_only=True)
class PrintedCalls:
    """A set of Ueda's aortic stenosis model: what the abstract prints, rounded, as (estimate, lower, upper).

    The true negatives are one of two counts; no others give every printed figure.
    """

    name: str
    studies: int
    positives: int
    true_positive: int
    true_negatives: tuple[int, int]
    figures: dict[str, tuple[float, float, float | None]]

    def counts(self, true_negative: int) -> ConfusionCounts:
        """Return the counts of calls with one of the two numbers of true negatives."""
        return ConfusionCounts(
            true_positive=self.true_positive,
            false_negative=self.positives - self.true_positive,
            true_negative=true_negative,
            false_positive=self.studies - self.positives - true_negative,
        )


# Ueda D et al., Eur Heart J Digit Health 2021. The upper bound of the test set's NPV could not be read.
AORTIC_STENOSIS = (
    PrintedCalls(
        name="validation",
        studies=1041,
        positives=81,
        true_positive=63,
        true_negatives=(677, 678),
        figures={
            "sensitivity": (0.78, 0.67, 0.86),
            "specificity": (0.71, 0.68, 0.73),
            "accuracy": (0.71, 0.68, 0.74),
            "positive_predictive_value": (0.18, 0.14, 0.23),
            "negative_predictive_value": (0.97, 0.96, 0.98),
        },
    ),
    PrintedCalls(
        name="test",
        studies=1065,
        positives=106,
        true_positive=88,
        true_negatives=(664, 665),
        figures={
            "sensitivity": (0.83, 0.74, 0.90),
            "specificity": (0.69, 0.66, 0.72),
            "accuracy": (0.71, 0.68, 0.73),
            "positive_predictive_value": (0.23, 0.19, 0.28),
            "negative_predictive_value": (0.97, 0.96, None),
        },
    ),
)


@dataclass(frozen=True, kw_only=True)
class PrintedPercent:
    """Ueda's mitral regurgitation model, Radiol Artif Intell 2022, in whole percent; its counts could not be found."""

    sensitivity: int = 71
    specificity: int = 74
    accuracy: int = 73
    positive_predictive_value: int = 68
    negative_predictive_value: int = 77


MITRAL_REGURGITATION = PrintedPercent()


@dataclass(frozen=True, kw_only=True)
class PrintedSite:
    """A row of Aoki's table: percent of 56 with sarcoidosis and of 62 with lymphoma, and the p value as printed."""

    site: str
    sarcoidosis_percent: float
    lymphoma_percent: float
    p_value: str


SARCOIDOSIS, LYMPHOMA = 56, 62

# Aoki H et al., Eur Radiol 2023/24;34:374-383, table 1 of the university's release.
SITES = (
    PrintedSite(site="salivary gland", sarcoidosis_percent=3.6, lymphoma_percent=14.5, p_value="0.056"),
    PrintedSite(site="cervical lymph nodes", sarcoidosis_percent=10.7, lymphoma_percent=40.3, p_value="<0.001"),
    PrintedSite(site="axillary lymph nodes", sarcoidosis_percent=16.1, lymphoma_percent=17.7, p_value="1.000"),
    PrintedSite(site="lung", sarcoidosis_percent=32.1, lymphoma_percent=3.2, p_value="<0.001"),
    PrintedSite(site="mediastinal lymph nodes", sarcoidosis_percent=92.9, lymphoma_percent=40.3, p_value="<0.001"),
    PrintedSite(site="abdominal lymph nodes", sarcoidosis_percent=41.1, lymphoma_percent=38.7, p_value="0.852"),
    PrintedSite(site="inguinal lymph nodes", sarcoidosis_percent=17.9, lymphoma_percent=19.4, p_value="1.000"),
    PrintedSite(site="liver", sarcoidosis_percent=5.4, lymphoma_percent=4.8, p_value="1.000"),
    PrintedSite(site="spleen", sarcoidosis_percent=12.5, lymphoma_percent=17.5, p_value="0.456"),
    PrintedSite(site="adrenal gland", sarcoidosis_percent=0.0, lymphoma_percent=6.5, p_value="0.059"),
    PrintedSite(site="skin", sarcoidosis_percent=3.6, lymphoma_percent=9.7, p_value="0.277"),
)


def nearest_counts(site: PrintedSite) -> SignCounts:
    """Return the counts whose percentages are nearest to the printed ones."""
    return SignCounts(
        sign=site.site,
        in_first=round(site.sarcoidosis_percent / 100 * SARCOIDOSIS),
        in_second=round(site.lymphoma_percent / 100 * LYMPHOMA),
    )


@dataclass(frozen=True, kw_only=True)
class PrintedStratum:
    """Patients of one predicted risk, and how many had the event within two years; `percent` as printed."""

    outcome: str
    high: bool
    events: int
    patients: int
    percent: int


# Nakajima K et al., J Nucl Cardiol 2022;29:190-201: cut-offs 11 % (arrhythmic event) and 15 % (heart-failure death).
HEART_FAILURE_STRATA = (
    PrintedStratum(outcome="arrhythmic event", high=False, events=10, patients=379, percent=3),
    PrintedStratum(outcome="arrhythmic event", high=True, events=27, patients=147, percent=18),
    PrintedStratum(outcome="heart-failure death", high=False, events=6, patients=328, percent=2),
    PrintedStratum(outcome="heart-failure death", high=True, events=98, patients=198, percent=49),
)
HEART_FAILURE_PATIENTS = 526
