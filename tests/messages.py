"""One example of every error, so that each message can be read aloud and none changes unseen."""

from benchmarks.errors import AnswersDiffer, NothingFastEnough, NotOfTheJob, TooShort
from client import errors
from evaluation.errors import (
    HazardsUndetermined,
    HeldOutUnknown,
    NobodyFollowed,
    OutcomeTableFaults,
    ReportExtraMissing,
    ResultFaults,
    TooFewStudies,
)
from export.errors import (
    MembersDiffer,
    NoPackage,
    NoSuchVariant,
    NoTensorRtEngine,
    NotRecalibrated,
    NotTrained,
    PackageNotCompiled,
    ParityFailed,
    SourceUnusable,
    TrainingExtraMissing,
)
from serving import errors as serving_errors
from specs.errors import TricorderError
from specs.faults import Fault
from training.datasets import errors as data_set_errors
from training.errors import (
    CannotResume,
    FitDiverged,
    NothingLearned,
    NotMeasurable,
    OperatingPointUnreachable,
    OutcomeMissing,
    PatientTableFaults,
    TooFewToFit,
    UnsafeWeights,
    WeightsMismatch,
)

EXAMPLES: tuple[TricorderError, ...] = (
    errors.UnreadableFile(cause="Permission denied"),
    errors.NotDicom(cause="it does not have the DICOM preamble"),
    errors.MissingAttribute(keyword="PixelData"),
    errors.InvalidAttribute(keyword="WindowWidth"),
    errors.UnsupportedImage(
        what="its photometric interpretation is none of these", accepted="MONOCHROME1, MONOCHROME2"
    ),
    errors.PixelDecode(transfer_syntax="JPEG 2000 Image Compression", cause="RuntimeError"),
    errors.InconsistentSeries(what="one SOP Instance UID stands for two different images"),
    errors.NoUptake(state="rest"),
    errors.ReaderLost(longest_s=120.0),
    errors.UnreadableTable(what="it has no header"),
    errors.BrokenRecord(what="it has 12 cells, and the header has 13"),
    errors.NoModelForInput(kind="tables of patients", models=("mitral_regurgitation",)),
    errors.NamedSeriesMissing(places=(1, 3), named=3, option="--role"),
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
    WeightsMismatch(what="it lacks layer4.2.conv3.weight"),
    OutcomeMissing(part="synthetic patients, training 0-9", outcomes=("arrhythmic_event",)),
    PatientTableFaults(faults=("row 3: missing: age", "row 4: outcome is none of heart_failure_death, survival")),
    TooFewToFit(part="JSRT, validation part", found="1 with the finding and 23 without", needed="2 of each kind"),
    FitDiverged(),
    NothingLearned(model="mitral_regurgitation"),
    UnsafeWeights(what="its TorchScript has code that runs when it is loaded (__setstate__)"),
    NotMeasurable(data_set="manifest, all images", what="1 of 40 studies have the finding"),
    OperatingPointUnreachable(
        data_set="manifest, all images",
        what="no threshold has a sensitivity of 1.0; the most sensitive one has 0.950",
    ),
    CannotResume(what="the folder holds no run"),
    ParityFailed(
        model="mitral_regurgitation", figure="the largest shift of a probability", measured=0.02, tolerated=1e-4
    ),
    TrainingExtraMissing(),
    TrainingExtraMissing(what="The peers of PyTorch need"),
    MembersDiffer(ensemble="aortic_stenosis"),
    NotTrained(model="mitral_regurgitation", preset="paper"),
    SourceUnusable(model="mitral_regurgitation", what="the repository has no version 5"),
    NoSuchVariant(engine="onnxruntime", precision="bf16", accepted="fp16, int8"),
    NoTensorRtEngine(model="virtual_pet"),
    NoPackage(model="virtual_pet"),
    PackageNotCompiled(model="mitral_regurgitation", kind="InvalidCxxCompiler"),
    NotRecalibrated(
        model="mitral_regurgitation",
        what="higher probabilities go with fewer findings here, which no recalibration mends",
    ),
    TooShort(what="Scoring files", seconds=10.0),
    NothingFastEnough(bound_ms=5.0, least_ms=12.34),
    NothingFastEnough(bound_ms=5.0, least_ms=None),
    NotOfTheJob(reason="its view is lateral"),
    AnswersDiffer(way="client", output="probability", difference=0.0123, tolerance=1e-5),
    ReportExtraMissing(),
    ReportExtraMissing(what="Hazard ratios and survival curves need", otherwise=""),
    ResultFaults(faults=(Fault(line=3, what="it is no row of a result"),)),
    OutcomeTableFaults(
        faults=(
            Fault(line=4, column="follow_up_years", what="it is no number of years above 0 and at most 120"),
            *(Fault(line=line, column="event", what="it is neither 0 nor 1") for line in (7, 8)),
        )
    ),
    NobodyFollowed(left_out={"outcomes that no result joins": 40, "results that no outcome joins": 38}),
    HazardsUndetermined(what="hazard ratios of 3 covariates need more events than that; got 2"),
    TooFewStudies(
        found="1 with the finding and 12 without",
        needed="2 of either",
        left_out={"The file is not DICOM.": 1, "the view is not PA or AP": 3},
    ),
    TooFewStudies(found="2", needed="3", left_out={}),
    HeldOutUnknown(data_set="manifest"),
    HeldOutUnknown(data_set="NIH ChestX-ray14", imported=True),
    data_set_errors.DataSetNotFound(data_set="JSRT", missing="table CLNDAT_EN.TXT", layout="*.IMG files"),
    data_set_errors.DataSetDamaged(data_set="NIH ChestX-ray14", what="its table has another header"),
    data_set_errors.NotLabeled(data_set="JSRT", column="aortic_stenosis", labeled=("age", "nodule")),
    data_set_errors.OfRadiographsOnly(model="sarcoidosis_lymphoma"),
    data_set_errors.TooFewPatients(patients=4, needed=10),
    data_set_errors.NoRoomForPixels(needed_bytes=11_481_088_000, free_bytes=2_000_000_000),
    data_set_errors.ManifestFaults(faults=(Fault(line=1, column="patient", what="it is missing"),)),
    data_set_errors.ManifestFaults(
        faults=(
            Fault(what="the label is known for 4 patients; 10 or more are needed"),
            *(Fault(line=line, column="aortic_stenosis", what="it is neither 0 nor 1") for line in (7, 3, 8, 9)),
            Fault(line=5, what="it has 2 cells, and the header has 3"),
        )
    ),
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
    serving_errors.EngineNotInstalled(model="mitral_regurgitation", engine="openvino"),
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
