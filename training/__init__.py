"""Data sets, networks and fitting; needs the `train` extra."""
