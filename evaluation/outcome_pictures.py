"""Pictures of one patient's outcome probabilities: over one variable, and by variable. Needs the extra `report`."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from evaluation.pictures import BLUE, GRAY, GREEN, VERMILION, in_house_style, titled_plot

OUTCOME_COLORS = (VERMILION, BLUE, GREEN)
"""Of up to three outcomes, in their order."""


def variable_label(title: str, unit: str) -> str:
    """Label the axis of a variable by its short title and its unit, if it has one."""
    return title.partition(",")[0] + ("" if unit == "1" else f" [{unit}]")


@in_house_style
def curve_picture(
    title: str,
    lines: Mapping[str, Sequence[float]],
    values: Sequence[float],
    *,
    across: str,
    patient_value: float,
    demonstration: bool,
) -> Figure:
    """Draw the probabilities of one patient as one variable changes, as figure 1 of the source does.

    Args:
        title: Model and classifier.
        lines: Up to three outcomes with their probabilities, unit 1, one for each value.
        values: Of the variable, in the unit that `across` names.
        across: Label of the axis.
        patient_value: Where the patient is, marked.
        demonstration: Whether the weights were fitted on synthetic patients.

    Source:
        Nakajima K et al., 10.1007/s12350-020-02173-6, through figure 1 of the KAKEN report.
    """
    figure, axes = titled_plot(title, "one patient, all other variables as they are", demonstration=demonstration)
    for color, (name, probabilities) in zip(OUTCOME_COLORS, lines.items(), strict=False):
        axes.plot(values, probabilities, color=color, label=name)
    axes.axvline(patient_value, color=GRAY, linestyle="--", linewidth=1, label="the patient")
    axes.set_ylim(0, 1)
    axes.set_xlabel(across)
    axes.set_ylabel("probability within two years")
    axes.legend(loc="center right")
    return figure


@in_house_style
def shares_picture(title: str, subtitle: str, contributions: Mapping[str, float], *, demonstration: bool) -> Figure:
    """Draw what each variable adds to a probability, the largest uppermost.

    Args:
        title: Model and outcome.
        subtitle: The probability and the background's mean.
        contributions: By the name of the variable with its value, unit 1.
        demonstration: Whether the weights were fitted on synthetic patients.
    """
    figure, axes = titled_plot(title, subtitle, demonstration=demonstration)
    axes.set_position((0.34, 0.13, 0.62, 0.76))
    ordered = sorted(contributions.items(), key=lambda item: abs(item[1]))
    colors = [VERMILION if value > 0 else BLUE for _, value in ordered]
    axes.barh([name for name, _ in ordered], [value for _, value in ordered], color=colors)
    axes.axvline(0, color=GRAY, linewidth=1)
    axes.set_xlabel("added to the probability")
    return figure
