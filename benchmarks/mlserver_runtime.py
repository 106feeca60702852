"""An ONNX file served by MLServer: runs in MLServer's environment, where only `benchmarks` of this project is imported.

Its adaptive batching gives `predict` the requests of a batch as one.
"""

import numpy as np
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class OnnxModel(MLModel):  # type: ignore[misc]  # MLServer is not in this environment
    """Asks ONNX Runtime for the first output of an ONNX file."""

    async def load(self) -> bool:
        """Load the file that `parameters.uri` names."""
        self._session = onnxruntime.InferenceSession(self.settings.parameters.uri, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Run one batch."""
        pixels = NumpyCodec.decode_input(payload.inputs[0])
        (answers,) = self._session.run([self._output], {self._input: np.ascontiguousarray(pixels)})
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output(name=self._output, payload=answers)]
        )
