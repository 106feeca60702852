"""Left-ventricular ejection fraction from a frontal chest radiograph."""

from specs.chest_radiograph import DEPLOYMENT, chest_network, chest_training
from specs.head import MeasuredQuantity, QuantityTolerances
from specs.model import NetworkSpec, Truth
from specs.network import Architecture
from specs.recipe import CHEST_RADIOGRAPH_320
from specs.tensors import ElementType, Tensor

EJECTION_FRACTION = NetworkSpec(
    name="ejection_fraction",
    title="Left-ventricular ejection fraction from a frontal chest radiograph",
    recipe=CHEST_RADIOGRAPH_320,
    head=MeasuredQuantity(
        quantity=None,
        name="left-ventricular ejection fraction",
        value=Tensor(name="ejection_fraction", element_type=ElementType.FLOAT32, shape=(1,)),
        unit="%",
        lowest=0.0,
        highest=100.0,
        activation_map=Tensor(name="cam", element_type=ElementType.FLOAT32, shape=(10, 10)),
    ),
    truth=Truth(
        phantom="ejection_fraction_percent",
        phantom_regions=("left_ventricle", "upper_zones", "costophrenic_angles"),
        column="ejection_fraction",
    ),
    network=chest_network(Architecture.RESNET50),
    training=chest_training(
        epochs=16,
        phantom_measurements=(
            "left_ventricle_scale",
            "cardiothoracic_ratio",
            "upper_zone_ratio",
            "lung_texture",
            "effusion_mm",
        ),
    ),
    deployment=DEPLOYMENT,
    tolerances=QuantityTolerances(value_shift=0.01, mean_absolute_error_change=0.001),
    source=(
        "Osaka Metropolitan University: project on valve disease and heart function from chest radiographs (Ueda D et "
        "al.), which set out to estimate the ejection fraction; Lancet Digital Health 2023 classified it. No paper on "
        "the regression was found: network, image size, training settings, loss and map variant are our choice. The "
        "standard dictionaries' codes name how it was measured (ultrasound, CT, MR), none of which this is: no code."
    ),
)
