"""Where things are in a clone of the project."""

from pathlib import Path

import specs

CLONE = Path(specs.__file__).resolve().parent.parent
"""The folder of the clone that this installation points to."""

COMMITTED_REPOSITORY = CLONE / "model_repository"
EVALUATION_RECORDS = CLONE / "benchmarks" / "records"
BUILD = CLONE / "build"
PHANTOM_CACHE = BUILD / "phantoms"
DATA_CACHE = BUILD / "data"
BUILT_REPOSITORY = BUILD / "model_repository"
SERVER_ENVIRONMENT = CLONE / ".venv-server"
