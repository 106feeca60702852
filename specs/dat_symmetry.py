"""Feature F2 of dopamine-transporter SPECT: asymmetry."""

from specs.classifier import ClassifierSpec, NearestNeighbors
from specs.dat_features import ASYMMETRIC, DEPLOYMENT, LOG_ODDS, SOURCE, TOLERANCES, TRAINING, finding_head
from specs.model import Truth
from specs.striatal_recipes import STRIATAL_FEATURES, StriatalFeature

DAT_SYMMETRY = ClassifierSpec(
    name="dat_symmetry",
    title="Asymmetric uptake of the striata on dopamine-transporter SPECT",
    recipe=STRIATAL_FEATURES,
    head=finding_head(ASYMMETRIC),
    truth=Truth(phantom="asymmetric", column="asymmetric"),
    features=(
        StriatalFeature.BINDING_ASYMMETRY_PERCENT,
        StriatalFeature.CAUDATE_ASYMMETRY_PERCENT,
        StriatalFeature.PUTAMEN_ASYMMETRY_PERCENT,
        StriatalFeature.PUTAMEN_MEAN,
    ),
    classifier=NearestNeighbors(neighbors=51, extra_votes=0.5),
    log_odds=LOG_ODDS,
    training=TRAINING,
    deployment=DEPLOYMENT,
    tolerances=TOLERANCES,
    source=SOURCE,
)
