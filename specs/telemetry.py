"""ONNX Runtime 1.31 for Linux stores a device identifier and uploads usage events unless it is told not to.

Nobody who scores patients expects that. The variable is read when ONNX Runtime is first imported, so the packages
that use it (client, export) import this module before anything else; the server gets the variable at its start.
"""

import os

DISABLING_VARIABLE = "ORT_DISABLE_TELEMETRY"

os.environ[DISABLING_VARIABLE] = "1"
