"""File names of an entry: configuration and card in `<model>`, ONNX file and weights record in `<model>/<version>`."""

CONFIG_FILE = "config.pbtxt"
"""Triton's name for a model's configuration."""

ONNX_FILE = "model.onnx"
"""Triton's default for the ONNX Runtime backend."""

PLAN_FILE = "model.plan"
"""Triton's default for the TensorRT backend; made at a server's start, never part of a repository that is kept."""

PACKAGE_FILE = "model.pt2"
"""What AOTInductor made of a version, beside its ONNX file; PyTorch wants that ending."""

PACKAGE_MANIFEST_FILE = "package.json"
"""What the package was made of, and for which machine; the backend reads it, Triton leaves it alone."""

RECORD_FILE = "weights.json"
"""The weights record; Triton leaves it alone."""

CARD_FILE = "README.md"
"""The model card of the newest version; Triton leaves it alone too."""

SERVING_FILE = "serving.json"
"""How this machine serves the entry, beside the configuration that is made of it; Triton leaves it alone."""

TUNING_FILE = "tuning.json"
"""What that was chosen from, and by which measurements; Triton leaves it alone."""

ONNX_OPSET = 18
ONNX_ML_OPSET = 3
ONNX_IR_VERSION = 10
"""What ONNX Runtime 1.19 of NVIDIA's Triton container 24.10 reads (it reads opset 21 and IR version 10)."""
