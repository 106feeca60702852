"""Heart, lungs and liver on cardiac 123I-MIBG SPECT."""

from specs.coding import CodedConcept
from specs.deployment import Deployment, Engine
from specs.mibg_volumes import MIBG_VOLUMES_48
from specs.model import Truth
from specs.network import Preset
from specs.tensors import ElementType, Tensor
from specs.volume import VolumeSpec
from specs.volume_head import LabeledOrgan, OrganLabels, OrganTolerances
from specs.volume_network import UNet, VolumeSizing, VolumeTraining

ORGANS = OrganLabels(
    labels=Tensor(name="labels", element_type=ElementType.UINT8, shape=MIBG_VOLUMES_48.counts.shape),
    organs=(
        LabeledOrgan(
            name="heart",
            label=1,
            most_parts=1,
            concept=CodedConcept(value="80891009", scheme="SCT", meaning="Heart"),
        ),
        LabeledOrgan(
            name="lungs",
            label=2,
            most_parts=2,
            concept=CodedConcept(value="39607008", scheme="SCT", meaning="Lung"),
        ),
        LabeledOrgan(
            name="liver",
            label=3,
            most_parts=1,
            concept=CodedConcept(value="10200004", scheme="SCT", meaning="Liver"),
        ),
    ),
)
"""Codes of DICOM PS3.16 CID 7166, as the segmentation has them. How many parts an organ has: our choice."""

MIBG_ORGANS = VolumeSpec(
    name="mibg_organs",
    title="Heart, lungs and liver on cardiac MIBG SPECT",
    recipe=MIBG_VOLUMES_48,
    head=ORGANS,
    truth=Truth(phantom="organs", column="organs"),
    network=UNet(
        dimensions=3,
        features=(64, 64, 128, 256, 256, 64),
        presets={
            Preset.PAPER: VolumeSizing(width_divisor=1, reduction=1),
            Preset.DEMONSTRATION: VolumeSizing(width_divisor=4, reduction=2),
        },
    ),
    training=VolumeTraining(epochs=8, batch_size=4, learning_rate=2e-3, weight_decay=0.01, phantoms=300),
    deployment=Deployment(
        engines=(Engine.ONNXRUNTIME,), largest_batch=4, preferred_batches=(2, 4), queue_delay_us=2000, instances=1
    ),
    tolerances=OrganTolerances(dice_loss=1e-3, heart_counts_shift=1e-3),
    source=(
        "Saito S et al., EJNMMI Res 2021;11:105, 10.1186/s13550-021-00847-x: convolutional networks for lungs and "
        "liver, masks of early and late SPECT aligned, then the heart; 48 patients, four-fold cross-validation. Not "
        "found: network, grid, loss, training settings, Dice; here one network finds all three: our choice."
    ),
)
