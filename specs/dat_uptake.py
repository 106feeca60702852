"""Feature F1 of dopamine-transporter SPECT: low uptake."""

from specs.classifier import ClassifierSpec, GradientBoosting
from specs.dat_features import DEPLOYMENT, LOG_ODDS, LOW_UPTAKE, SOURCE, TOLERANCES, TRAINING, finding_head
from specs.model import Truth
from specs.striatal_recipes import PROFILE_LOWERS, PROFILE_MEANS, STRIATAL_FEATURES, StriatalFeature

DAT_UPTAKE = ClassifierSpec(
    name="dat_uptake",
    title="Low uptake of the striata on dopamine-transporter SPECT",
    recipe=STRIATAL_FEATURES,
    head=finding_head(LOW_UPTAKE),
    truth=Truth(phantom="low_uptake", column="low_uptake"),
    features=(
        StriatalFeature.BINDING_MEAN,
        StriatalFeature.BINDING_LOWER,
        StriatalFeature.CAUDATE_MEAN,
        StriatalFeature.CAUDATE_LOWER,
        StriatalFeature.PUTAMEN_MEAN,
        StriatalFeature.PUTAMEN_LOWER,
        *PROFILE_MEANS,
        *PROFILE_LOWERS,
    ),
    classifier=GradientBoosting(trees=300, deepest=2, learning_rate=0.03, row_share=0.5),
    log_odds=LOG_ODDS,
    training=TRAINING,
    deployment=DEPLOYMENT,
    tolerances=TOLERANCES,
    source=SOURCE,
)
