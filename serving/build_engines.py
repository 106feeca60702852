"""Prepares a repository for a Triton that is started elsewhere: `python -m serving.build_engines MODELS CACHE`.

It is the `build-engines` of docker/start-triton.sh: it leaves what Triton is to serve in `CACHE/repository`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from serving.compiled_packages import CompiledPackages
from serving.engine_cache import EngineCache
from serving.errors import ServerStartError
from serving.preparation import prepare_repository

SERVED_NAME = "repository"
"""What docker/start-triton.sh looks for."""

_BACKENDS = Path("/opt/tritonserver/backends")
"""Where NVIDIA's images have the backends of their Triton."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare a repository from the command line; 0, or the exit code of the error."""
    parser = argparse.ArgumentParser(
        prog="python -m serving.build_engines", description="Build TensorRT engines for the models that ask for them."
    )
    parser.add_argument("models", type=Path, help="the model repository; only read")
    parser.add_argument("cache", type=Path, help="folder that outlives the container; `repository` in it is served")
    parser.add_argument("--backends", type=Path, default=_BACKENDS, help=f"of the Triton (default: {_BACKENDS})")
    parser.add_argument(
        "--python", type=Path, default=Path(sys.executable), help="that has TensorRT (default: this one)"
    )
    options = parser.parse_args(arguments)

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    cache = EngineCache.open(options.cache, python=options.python, backends=options.backends, progress=say)
    packages = CompiledPackages.open(python=options.python, backends=options.backends)
    options.cache.mkdir(parents=True, exist_ok=True)
    try:
        prepare_repository(
            options.models, options.cache / SERVED_NAME, cache=cache, packages=packages, refused={}, progress=say
        )
    except ServerStartError as error:
        say(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
