"""Labeled studies through the whole client: what a model said of each, and what could not be scored."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from client.engine import Engine, ServedModel
from client.errors import InputError, UnexpectedFailure
from client.result import ResultRow, Status
from client.scoring import ScoredInput, ScoringSettings, score_sources
from evaluation.maps import WHOLE, EnergyShare, TensorBox, energy_share
from preprocessing import Prepared
from tricorder.labeled_study import KnownFacts, LabeledStudies
from tricorder.passing_studies import PassingStudies
from tricorder.terminal import progress_bar

_OWN_FAILURES = (InputError, UnexpectedFailure)
"""What costs an image its place; what a server or a model does wrong would flatter the figures if it were left out."""


@dataclass(frozen=True, kw_only=True)
class ScoredStudy:
    """A study with the model's answer.

    Attributes:
        facts: What is known of it.
        row: What the client says of it.
        energy: Of a study with known regions and a map, the share of evidence inside them.
        others: What other models say of it, in their order; None where one gave no answer.
        pixels: Input tensor, axes (channel or view, row, column), where it was asked for.
    """

    facts: KnownFacts
    row: ResultRow
    energy: EnergyShare | None
    pixels: NDArray[np.uint8] | None
    others: tuple[float | None, ...] = ()

    @property
    def value(self) -> float:
        """What the model said, in the unit of its head."""
        if self.row.value is None:
            raise ValueError("a scored study has a value")
        return self.row.value


@dataclass(frozen=True, kw_only=True)
class ScoredStudies:
    """What became of a labeled set.

    Attributes:
        name: Name of the set, for records.
        studies: Those that were scored, in the order of the set.
        left_out: Number of the other images, by reason.
        others: The other models that were asked about the same studies.
    """

    name: str
    studies: tuple[ScoredStudy, ...]
    left_out: Mapping[str, int]
    others: tuple[ServedModel, ...] = ()


def score_studies(
    data: LabeledStudies,
    engine: Engine,
    model: ServedModel,
    settings: ScoringSettings,
    *,
    others: Sequence[ServedModel] = (),
) -> ScoredStudies:
    """Score every study as a user's own file: read, prepared, inferred, interpreted.

    An image that is broken or not eligible is left out and counted.

    Args:
        data: Studies with their truth.
        engine: Where the model runs.
        model: Which model.
        settings: Concurrency; whether maps are asked for and input tensors kept.
        others: Models that are asked about the same studies, to be compared with.

    Raises:
        ServerError: there is no answer.
        ContractError: the model cannot be used.
        OutputError: an answer breaks the contract.
    """
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder, progress_bar() as bar:
        passing = PassingStudies(studies=data, folder=Path(folder))
        task = bar.add_task(f"{model.name} on {data.name}", total=len(data))
        studies = []
        rows = score_sources(passing.sources(), engine, [model, *others], settings)
        for scored in rows:
            compared = [] if scored.ends_source else list(_rest(rows))
            facts = passing.take().facts
            for each in (scored, *compared):
                if each.error is not None and not isinstance(each.error, _OWN_FAILURES):
                    raise each.error
            if scored.row.status is Status.SCORED:
                studies.append(_joined(facts, scored, compared, keep_pixels=settings.inputs))
            else:
                passing.refuse(scored.row)
            bar.update(task, completed=len(studies) + sum(passing.refused.values()))
    return ScoredStudies(
        name=data.name,
        studies=tuple(studies),
        left_out=Counter(data.left_out) + passing.refused,
        others=tuple(others),
    )


def _rest(rows: Iterator[ScoredInput]) -> Iterator[ScoredInput]:
    """Yield the other rows of a study that has begun."""
    for row in rows:
        yield row
        if row.ends_source:
            return


def _joined(
    facts: KnownFacts, scored: ScoredInput, compared: Sequence[ScoredInput], *, keep_pixels: bool
) -> ScoredStudy:
    """Join a result with what is known."""
    kept = scored.prepared.pixels if keep_pixels and isinstance(scored.prepared, Prepared) else None
    return ScoredStudy(
        facts=facts,
        row=scored.row,
        energy=_energy(facts, scored),
        pixels=kept,
        others=tuple(each.row.value for each in compared),
    )


def _energy(facts: KnownFacts, scored: ScoredInput) -> EnergyShare | None:
    if not facts.regions or scored.heat_map is None or not isinstance(scored.prepared, Prepared):
        return None
    rows, columns = scored.prepared.pixels.shape[1:]
    whole, *boxes = (TensorBox.of(box, scored.prepared.placement, (rows, columns)) for box in (WHOLE, *facts.regions))
    return energy_share(scored.heat_map, boxes, image=whole)
