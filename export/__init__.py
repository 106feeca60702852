"""Weights -> ONNX -> repository entry, through the parity gate; needs the `train` extra."""
