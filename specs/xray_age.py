"""X-ray age from a frontal chest radiograph."""

from specs.chest_radiograph import DEPLOYMENT, chest_network, chest_training
from specs.head import MeasuredQuantity, QuantityTolerances
from specs.model import NetworkSpec, Truth
from specs.network import Architecture, ConcatPoolClassifier
from specs.recipe import CHEST_RADIOGRAPH_320
from specs.tensors import ElementType, Tensor

XRAY_AGE = NetworkSpec(
    name="xray_age",
    title="X-ray age from a frontal chest radiograph",
    recipe=CHEST_RADIOGRAPH_320,
    head=MeasuredQuantity(
        quantity=None,
        name="X-ray age",
        value=Tensor(name="age", element_type=ElementType.FLOAT32, shape=(1,)),
        unit="years",
        lowest=0.0,
        highest=120.0,
        reference="patient_age",
        activation_map=None,
    ),
    truth=Truth(phantom="age_years", column="age"),
    network=chest_network(
        Architecture.SENET154,
        classifier=ConcatPoolClassifier(hidden=512, dropout=(0.25, 0.5)),
        width_divisor=8,  # a quarter of its width would still be nine million parameters
    ),
    training=chest_training(
        epochs=14,
        phantom_measurements=(
            "aortic_knob_mm",
            "aortic_unfolding_mm",
            "knob_calcification",
            "rib_slope",
            "bone_density",
            "bone_texture",
        ),
    ),
    deployment=DEPLOYMENT,
    tolerances=QuantityTolerances(value_shift=0.01, mean_absolute_error_change=0.001),
    source=(
        "Ieki H et al., Communications Medicine 2022, 10.1038/s43856-022-00220-6: SENet154 at 320 x 320 with ImageNet "
        "normalization, trained on NIH ChestX-ray14; JSRT: mean absolute error 4.95 years, r 0.916. The concat-pool "
        "head is what the size of the public weights leaves (reference section 2). Not found: optimizer, learning "
        "rate, augmentation, loss, what was done to images that are not square; those here are our choice."
    ),
)
