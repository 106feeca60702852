"""File names of a repository entry: `<model>/config.pbtxt`, `<model>/<version>/model.onnx` and its record."""

CONFIG_FILE = "config.pbtxt"
"""Triton's name for a model's configuration."""

ONNX_FILE = "model.onnx"
"""Triton's default for the ONNX Runtime backend."""

RECORD_FILE = "weights.json"
"""The weights record; Triton leaves it alone."""
