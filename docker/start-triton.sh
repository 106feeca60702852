#!/bin/sh
# Starts Triton on $MODELS, whether or not engines can be built for the GPU at hand. Options go on to Triton.
#
# Building is for a program `build-engines` on the PATH, which the image does not hold (docker/README.md): that of
# serving/build_engines.py. It gets the folder of the models and $ENGINE_CACHE, which outlives the container. Where it
# ends with 0, it has left a whole repository in `repository` there, and that is served; where it fails or takes too
# long, the models are served as they are, by ONNX Runtime.
set -eu

models=${MODELS:?names no model repository}
if command -v build-engines >/dev/null; then
    if timeout --kill-after=10 "${ENGINE_TIMEOUT_S:-1800}" build-engines "$models" "${ENGINE_CACHE:?names no folder}"; then
        models=$ENGINE_CACHE/repository
    else
        echo "No engines were built: the models run on ONNX Runtime." >&2
    fi
fi

# As serving/command.py starts the embedded one; no --cache-config, so that the response cache is off.
exec tritonserver --model-repository="$models" --disable-auto-complete-config --strict-readiness=true \
    --exit-on-error=true --exit-timeout-secs=10 "$@"
