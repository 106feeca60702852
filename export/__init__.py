"""Weights -> ONNX -> repository entry, through the parity gate; needs the `train` extra."""

import specs.telemetry  # noqa: F401  # switches it off before ONNX Runtime is imported
