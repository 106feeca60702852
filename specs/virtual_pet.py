"""The perfusion that PET would show, from cardiac SPECT at stress and rest."""

from specs.deployment import Deployment, Engine
from specs.model import Truth
from specs.myocardial_segments import PERFUSION_MAP
from specs.network import Preset
from specs.perfusion_scores import PERFUSION_SCORES
from specs.perfusion_slices import PERFUSION_SLICES_48
from specs.tensors import ElementType, Tensor
from specs.volume import VolumeSpec
from specs.volume_head import PerfusionTolerances, VirtualPerfusion
from specs.volume_network import UNet, VolumeSizing, VolumeTraining

VIRTUAL_PET = VolumeSpec(
    name="virtual_pet",
    title="Virtual PET from cardiac SPECT",
    recipe=PERFUSION_SLICES_48,
    head=VirtualPerfusion(
        perfusion=Tensor(name="virtual_pet", element_type=ElementType.FLOAT32, shape=PERFUSION_SLICES_48.slices.shape),
        polar_map=PERFUSION_MAP,
        scores=PERFUSION_SCORES,
    ),
    truth=Truth(phantom="pet", column="pet"),
    network=UNet(
        dimensions=3,
        joint=True,
        patch=2,
        features=(128, 128, 256, 256, 256, 128),
        presets={
            Preset.PAPER: VolumeSizing(width_divisor=1, reduction=1),
            Preset.DEMONSTRATION: VolumeSizing(width_divisor=4, reduction=1),
        },
    ),
    training=VolumeTraining(
        epochs=30,
        batch_size=2,
        learning_rate=3e-3,
        weight_decay=0.01,
        phantoms=350,
        polar_map_weight=10.0,
    ),
    deployment=Deployment(
        engines=(Engine.ONNXRUNTIME,), largest_batch=4, preferred_batches=(2, 4), queue_delay_us=2000, instances=1
    ),
    tolerances=PerfusionTolerances(segment_shift_percent=0.01),
    source=(
        "Kawakubo M et al., Ann Nucl Med 2024;38:199-209, 10.1007/s12149-023-01889-y: short-axis slices of stress and "
        "rest SPECT translated to ammonia PET, 31 patients to train and 40 to test; its split was by image, ours is by "
        "patient. Not found: generator, loss, matrix, normalization, registration, representative value of a segment; "
        "what stands here for them is our choice."
    ),
)
