"""Records of the scenarios with figures that are told apart, for the tests of what is made of them."""

import numpy as np

from benchmarks.fidelity import (
    FidelityRecord,
    FindingFidelity,
    HeldOut,
    Limit,
    ModelFidelity,
    QuantityFidelity,
    Refused,
    VariantFidelity,
)
from benchmarks.latency import Latency
from benchmarks.load import ClosedTrial, LoadRecord, OpenTrial, Trial
from benchmarks.machine import Machine
from benchmarks.paired_ratio import PairedRatio
from benchmarks.peers import REMEDIES, FilePeers, PeerName, PeersRecord, ServingPeer
from benchmarks.resources import Resources
from benchmarks.served import Conditions, ServedEntry
from benchmarks.server_times import ServerTimes
from benchmarks.transfer_syntaxes import StageSplit, SyntaxThroughput, TransferSyntaxesRecord
from benchmarks.urgent import Flood, UrgentRecord
from benchmarks.vote import ClientsTrial, VoteRecord, VoteWay, WayFigures
from specs.deployment import Engine, Precision
from specs.network import Preset
from specs.weights import FindingParity, QuantityParity

CONDITIONS = Conditions(
    machine=Machine(processor="Abacus", cores=2, memory_bytes=1, python="3.11.7", packages={}),
    triton="2.51.0",
    server_packages={},
    load=0.1,
)
ENTRY = ServedEntry(model="mitral_regurgitation", contract_sha256="c" * 64, weights_sha256="d" * 64, demonstration=True)
TIMES = ServerTimes(
    model="mitral_regurgitation",
    requests=1000,
    mean_batch=2.5,
    whole_ms=9.0,
    queue_ms=1.25,
    input_ms=0.1,
    compute_ms=6.5,
    output_ms=0.1,
)


def latency(scale_ms: float, *, requests: int = 1000) -> Latency:
    """Of requests that take from nothing to so many milliseconds."""
    return Latency.of(np.linspace(0, 1e-3 * scale_ms, requests))


def trial(answered_per_s: float, scale_ms: float) -> Trial:
    """Of so many answers."""
    parts = ("client", "server", "stubs")
    resources = {
        name: Resources(processes=1, largest_rss_bytes=3_000_000, pss_bytes=2_000_000 + number * 1_000_000, cpu_s=1.0)
        for number, name in enumerate(parts)
    }
    return Trial(answered_per_s=answered_per_s, latency=latency(scale_ms), server=(TIMES,), resources=resources)


LOAD = LoadRecord(
    conditions=CONDITIONS,
    entry=ENTRY,
    seed=0,
    duration_s=30.0,
    inputs=32,
    most_in_flight=64,
    closed=(ClosedTrial(clients=1, trial=trial(111.0, 8.0)), ClosedTrial(clients=8, trial=trial(333.0, 40.0))),
    open=(OpenTrial(share=0.5, arrivals_per_s=166.5, latest_start_ms=2.0, trial=trial(166.0, 20.0)),),
)

TRANSFER_SYNTAXES = TransferSyntaxesRecord(
    conditions=CONDITIONS,
    entry=ENTRY,
    matrix=(2500, 2048),
    bits_stored=12,
    files=8,
    workers=4,
    readers=2,
    seconds=10.0,
    repetitions=3,
    syntaxes=tuple(
        SyntaxThroughput(
            syntax=name,
            encoded_bytes=10,
            decoded_per_s=decoded_per_s,
            computed_per_s=300.0,
            scored_per_s=share / (1 / decoded_per_s + 1 / 300.0),
            passes_per_s=(1.0,),
            share_of_ceiling=share,
            stages_ms=StageSplit(
                handover=1.0, read=2.0, decode=3.0, prepare=4.0, wire=5.0, queue=6.0, compute=7.0, interpret=8.0
            ),
        )
        for name, decoded_per_s, share in (("RLE Lossless", 90.0, 0.93), ("JPEG 2000", 5.0, 0.87))
    ),
)

URGENT = UrgentRecord(
    conditions=CONDITIONS,
    entry=ENTRY,
    syntax="Explicit VR Little Endian",
    matrix=(2500, 2048),
    arrivals_per_s=1.0,
    seed=0,
    rounds=4,
    unloaded=latency(50.0),
    urgent=latency(120.0),
    ordinary=latency(900.0),
    p99_ratio=2.37,
    largest_p99_ratio=2.6,
    p99_bound_ms=150.0,
    flood=Flood(
        clients=64,
        alone_per_s=320.0,
        beside_urgent_per_s=300.0,
        beside_ordinary_per_s=305.0,
        lost_share=0.0625,
        mean_batch=15.9,
        batch_ms=48.0,
    ),
)

PEERS = PeersRecord(
    conditions=CONDITIONS,
    entry=ENTRY,
    preset=Preset.PAPER,
    peers={"torch": "2.15.0"},
    absent={PeerName.MLSERVER: REMEDIES[PeerName.MLSERVER]},
    torch_threads=2,
    seed=0,
    matrix=(2500, 2048),
    clients=16,
    seconds=10.0,
    repetitions=3,
    files=(
        FilePeers(
            syntax="RLE Lossless",
            tricorder_per_s=60.0,
            eager_per_s=5.0,
            compiled_per_s=7.5,
            times_eager=12.0,
            times_compiled=8.0,
            mean_difference=3.5,
        ),
        FilePeers(
            syntax="JPEG Extended",
            tricorder_per_s=20.0,
            eager_per_s=None,
            compiled_per_s=None,
            times_eager=None,
            times_compiled=None,
            mean_difference=None,
        ),
    ),
    serving=(
        ServingPeer(peer=PeerName.TRICORDER, answered_per_s=300.0, p50_ms=50.0, p99_ms=80.0, answer_difference=0.0),
        ServingPeer(peer=PeerName.ENGINE, answered_per_s=350.0, p50_ms=None, p99_ms=None, answer_difference=0.0),
    ),
)

VOTE = VoteRecord(
    conditions=CONDITIONS,
    entry=ENTRY,
    fused_sha256="e" * 64,
    preset=Preset.DEMONSTRATION,
    seed=None,
    inputs=32,
    largest_difference=3e-7,
    seconds=10.0,
    repetitions=3,
    trials=(
        ClientsTrial(
            clients=4,
            ways=tuple(
                WayFigures(
                    way=way,
                    answered_per_s=100.0 * ratio,
                    passes_per_s=(100.0 * ratio,),
                    cpu_ms=20.0 / ratio,
                    latency=latency(40.0 / ratio),
                    rate_ratio=PairedRatio(median=ratio, first_quartile=0.9 * ratio, third_quartile=1.1 * ratio),
                    cpu_ratio=PairedRatio.of([1 / ratio]),
                    p50_ratio=PairedRatio.of([1 / ratio]),
                )
                for way, ratio in zip(VoteWay, (1.0, 1.25, 0.8), strict=True)
            ),
        ),
    ),
)


def _limits(*figures: tuple[str, float, float]) -> tuple[Limit, ...]:
    return tuple(Limit(figure=name, measured=measured, tolerated=most) for name, measured, most in figures)


FIDELITY = FidelityRecord(
    conditions=CONDITIONS,
    gate_phantoms=500,
    models=(
        ModelFidelity(
            entry=ENTRY,
            unit="1",
            threshold=0.4,
            held_out=HeldOut(data_set="12 of test 0-19", seed=3, drawn=20, chosen=12, near=3, rule="the first 10"),
            variants=(
                VariantFidelity(
                    engine=Engine.ONNXRUNTIME,
                    precision=Precision.INT8,
                    found=FindingFidelity(
                        entry=ENTRY,
                        parity=FindingParity(
                            engine=Engine.ONNXRUNTIME,
                            data_set="12 of test 0-19",
                            studies=12,
                            probability_shift=0.04,
                            flipped_share=0.004,
                            flip_distance=0.03,
                            auc_change=0.003,
                        ),
                        flips=2,
                        stated_tolerance=0.05,
                        original_auc=0.94,
                        variant_auc=0.937,
                        limits=_limits(("share of flips", 0.004, 0.005), ("change of the AUC", 0.003, 0.002)),
                    ),
                ),
                VariantFidelity(
                    engine=Engine.OPENVINO, precision=Precision.INT8, found=Refused(reason="the shift is 0.06")
                ),
            ),
        ),
        ModelFidelity(
            entry=ENTRY.model_copy(update={"model": "xray_age"}),
            unit="years",
            threshold=None,
            held_out=HeldOut(data_set="10 of test 0-9", seed=3, drawn=10, chosen=10, near=None, rule="the first 10"),
            variants=(
                VariantFidelity(
                    engine=Engine.OPENVINO,
                    precision=Precision.BF16,
                    found=QuantityFidelity(
                        entry=ENTRY,
                        parity=QuantityParity(
                            engine=Engine.OPENVINO,
                            data_set="10 of test 0-9",
                            studies=10,
                            value_shift=0.2,
                            mean_absolute_error_change=0.02,
                        ),
                        stated_tolerance=1.0,
                        original_error=4.1,
                        variant_error=4.12,
                        limits=_limits(("largest shift", 0.2, 1.0), ("change of the error", 0.02, 0.1)),
                    ),
                ),
            ),
        ),
    ),
)
