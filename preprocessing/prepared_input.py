"""An input as every recipe wants it, and what went wrong with it: values that travel between processes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from preprocessing import NotEligible, Picture, PreparedStudy, Study, prepare
from preprocessing.identity import Identity
from preprocessing.modality import meant_recipes
from preprocessing.reading import read_file
from preprocessing.stages import Stage, StageTimes, collected_stages, stage
from specs.errors import TricorderError, UnexpectedFailure
from specs.perfusion_pairing import NO_ROLES, Roles
from specs.recipe import ImageRecipe

Outcome = PreparedStudy | NotEligible | TricorderError
"""What a recipe makes of an input."""


@dataclass(frozen=True, kw_only=True)
class PreparedInput:
    """What became of one file, or of the files of one study.

    Attributes:
        identity: What is known of its UIDs, also where it failed.
        prepared: For each recipe its tensor or why there is none, in the order asked for; empty where it failed. What
            is broken for one recipe need not be for another, which may not look at that part of it. None for a recipe
            of another modality or radiopharmaceutical, where one of this is among them.
        error: Why it failed for all recipes.
        stages_s: How long each stage took, where that is wanted.
    """

    identity: Identity
    prepared: tuple[Outcome | None, ...] = ()
    error: TricorderError | None = None
    stages_s: StageTimes = field(default_factory=dict)


def prepare_files(
    files: Sequence[Path], recipes: Sequence[ImageRecipe], roles: Roles = NO_ROLES, timed: bool = False
) -> PreparedInput:
    """Read the files of an input once and carry out every recipe on it. Whatever happens, it costs only itself.

    Args:
        files: DICOM Part 10, PNG or JPEG; several are DICOM files of one study.
        recipes: Each of them once.
        roles: Which series are at stress and at rest, as a person says.
        timed: Whether the times of the stages are wanted.
    """
    with collected_stages(wanted=timed) as stages_s:
        prepared = _prepared(files, recipes, roles)
    return replace(prepared, stages_s=stages_s) if timed else prepared


def _prepared(files: Sequence[Path], recipes: Sequence[ImageRecipe], roles: Roles) -> PreparedInput:
    identity = Identity()
    try:
        with stage(Stage.READ):
            study = tuple(read_file(path) for path in files)
        identity = Identity.of_all([ds for ds in study if not isinstance(ds, Picture)])
        meant = meant_recipes(study, recipes)
    except TricorderError as error:
        return PreparedInput(identity=identity, error=error)
    except Exception as error:  # noqa: BLE001  # the cohort loop: even a bug costs its own input only
        return PreparedInput(identity=identity, error=UnexpectedFailure.of(error))
    outcomes = tuple(_outcome(study, recipe, roles) if recipe in meant else None for recipe in recipes)
    return PreparedInput(identity=identity, prepared=outcomes)


def _outcome(study: tuple[Study, ...], recipe: ImageRecipe, roles: Roles) -> Outcome:
    try:
        with stage(Stage.PREPARE):
            return prepare(study, recipe, roles)
    except TricorderError as error:
        return error
    except Exception as error:  # noqa: BLE001  # as above
        return UnexpectedFailure.of(error)
