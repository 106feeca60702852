"""A record of the scenario `engines` with figures that are told apart."""

from benchmarks.engines import EngineFigures, EnginesRecord, ModelEngines
from benchmarks.paired_ratio import PairedRatio
from specs.deployment import Engine, Precision
from specs.network import Preset
from tests.benchmarks.records import CONDITIONS, ENTRY

ENGINES = EnginesRecord(
    conditions=CONDITIONS,
    seed=0,
    clients=16,
    repetitions=3,
    absent=None,
    models=(
        ModelEngines(
            entry=ENTRY,
            preset=Preset.PAPER,
            seconds=8.0,
            engines=tuple(
                EngineFigures(
                    engine=engine,
                    precision=precision,
                    batch=4,
                    alone_per_s=20.0 * ratio,
                    alone_passes_per_s=(20.0 * ratio,),
                    alone_cpu_ms=90.0 / ratio,
                    served_per_s=18.0 * ratio,
                    served_passes_per_s=(18.0 * ratio,),
                    served_cpu_ms=90.0 / ratio + 0.75,
                    added_cpu_ms=0.75,
                    times_baseline=PairedRatio.of([ratio]),
                    served_share=PairedRatio.of([0.9]),
                    times_mlserver=PairedRatio.of([1.5 * ratio]),
                )
                for engine, precision, ratio in (
                    (Engine.ONNXRUNTIME, Precision.FP32, 1.0),
                    (Engine.OPENVINO, Precision.BF16, 4.25),
                )
            ),
            mlserver_per_s=12.0,
        ),
    ),
)
