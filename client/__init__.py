"""Study -> result: Triton over gRPC or the in-process engine, and what the answer means."""

import specs.telemetry  # noqa: F401  # switches it off before ONNX Runtime is imported
