"""The tests of training run for every kind of head and classifier."""

from tests.specs.quantity import spec_of_every_kind

__all__ = ["spec_of_every_kind"]
