"""One example of every error, so that each message can be read aloud and none changes unseen."""

from client import errors
from export.errors import NotTrained, ParityFailed, TrainingExtraMissing
from serving import errors as serving_errors
from specs.errors import TricorderError

EXAMPLES: tuple[TricorderError, ...] = (
    errors.UnreadableFile(cause="Permission denied"),
    errors.NotDicom(cause="it does not have the DICOM preamble"),
    errors.MissingAttribute(keyword="PixelData"),
    errors.UnsupportedImage(
        what="its photometric interpretation is none of these", accepted="MONOCHROME1, MONOCHROME2"
    ),
    errors.PixelDecode(transfer_syntax="JPEG 2000 Image Compression", cause="RuntimeError"),
    errors.ReaderLost(longest_s=120.0),
    errors.OutputError(tensor="probability", what="1.2", accepted="0 to 1"),
    errors.DeadlineExceeded(deadline_s=30.0),
    errors.ServerUnavailable(address="127.0.0.1:8001", code="UNAVAILABLE"),
    errors.ModelNotFound(model="crystal_ball"),
    errors.ModelNotFound(model="crystal_ball", served=("mitral_regurgitation",)),
    errors.NothingServed(),
    errors.RequestRejected(model="mitral_regurgitation", code="INVALID_ARGUMENT"),
    errors.ContractError(model="mitral_regurgitation", what="no version that is ready has a contract"),
    errors.DeliveryError(what="The results", cause="No space left on device"),
    errors.UnexpectedFailure(kind="ValueError", place="preprocessing.grayscale:70"),
    ParityFailed(
        model="mitral_regurgitation", figure="the largest shift of a probability", measured=0.02, tolerated=1e-4
    ),
    TrainingExtraMissing(),
    NotTrained(model="mitral_regurgitation", preset="paper"),
    serving_errors.UnsupportedPlatform(system="Darwin", machine="arm64"),
    serving_errors.GlibcTooOld(found="glibc 2.31", needed="2.35"),
    serving_errors.PythonMissing(tried=()),
    serving_errors.PythonMissing(tried=("Python 3.10", "Python 3.13")),
    serving_errors.LibpythonMissing(version="3.11"),
    serving_errors.LibpythonMissing(version="3.12"),
    serving_errors.EnvironmentNotBuilt(reason="is not built"),
    serving_errors.EnvironmentBroken(defect="tritonserver is missing"),
    serving_errors.EnvironmentBuildFailed(step="pip install"),
    serving_errors.NumpyTooNew(found="2.4.6"),
    serving_errors.RepositoryMissing(),
    serving_errors.RepositoryEmpty(),
    serving_errors.PortTaken(endpoint="gRPC", port=8001),
    serving_errors.PortForbidden(endpoint="HTTP", port=80),
    serving_errors.AddressUnusable(host="192.0.2.1"),
    serving_errors.RunFolderUnusable(reason="No space left on device"),
    serving_errors.ModelNotLoaded(model="mitral_regurgitation", reason="no model file"),
    serving_errors.StartTimeout(timeout_s=120.0, loaded=0, models=1),
    serving_errors.ServerDied(last_line="Segmentation fault"),
)


def family() -> set[type[TricorderError]]:
    """Every class that is raised, found through the tree; the branches themselves are not."""
    found: set[type[TricorderError]] = set()
    waiting = [TricorderError]
    while waiting:
        kind = waiting.pop()
        branches = kind.__subclasses__()
        waiting.extend(branches)
        if not branches:
            found.add(kind)
    return found


def golden_text() -> str:
    """Return the golden file: class, exit code, whether to try again, message."""
    return "\n".join(
        f"{type(error).__name__} (exit code {error.exit_code}{', retryable' if error.retryable else ''})\n    {error}\n"
        for error in EXAMPLES
    )
