"""Networks that learn the same from the same, as the members of an ensemble do, share what has been loaded."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from specs.model import NetworkSpec

_Loaded = TypeVar("_Loaded")


def with_shared_data(
    specs: Iterable[NetworkSpec], load: Callable[[NetworkSpec], _Loaded]
) -> Iterator[tuple[NetworkSpec, _Loaded]]:
    """Pair each network with its data, which are loaded once for all that need the same.

    Args:
        specs: The networks, in the order in which they are trained.
        load: Loads the data of a network.
    """
    loaded: dict[str, _Loaded] = {}
    for spec in specs:
        needs = "\n".join(
            [
                spec.recipe.canonical_json(),
                spec.truth.canonical_json(),
                str(spec.training.phantoms),
                *spec.training.phantom_measurements,
            ]
        )
        if needs not in loaded:
            loaded[needs] = load(spec)
        yield spec, loaded[needs]
