"""Arithmetic that networks are fitted in, named as Lightning names it."""

from typing import Literal, get_args

Precision = Literal["bf16-mixed", "32-true"]
"""Weights are kept in single precision in both; the first computes layers in bfloat16."""

PRECISIONS: tuple[Precision, ...] = get_args(Precision)
