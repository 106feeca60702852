"""Feature F3 of dopamine-transporter SPECT: a dot instead of a comma."""

from specs.classifier import ClassifierSpec, LogisticRegressor
from specs.dat_features import DEPLOYMENT, DOT_SHAPED, LOG_ODDS, SOURCE, TOLERANCES, TRAINING, finding_head
from specs.model import Truth
from specs.striatal_recipes import PROFILE_LOWERS, PROFILE_MEANS, STRIATAL_FEATURES, StriatalFeature

DAT_SHAPE = ClassifierSpec(
    name="dat_shape",
    title="Dot-shaped uptake of the striata on dopamine-transporter SPECT",
    recipe=STRIATAL_FEATURES,
    head=finding_head(DOT_SHAPED),
    truth=Truth(phantom="dot_shaped", column="dot_shaped"),
    features=(
        StriatalFeature.SHAPE_MEAN,
        StriatalFeature.SHAPE_LOWER,
        StriatalFeature.BINDING_MEAN,
        StriatalFeature.BINDING_LOWER,
        StriatalFeature.CAUDATE_MEAN,
        StriatalFeature.CAUDATE_LOWER,
        StriatalFeature.PUTAMEN_MEAN,
        StriatalFeature.PUTAMEN_LOWER,
        *PROFILE_MEANS,
        *PROFILE_LOWERS,
    ),
    classifier=LogisticRegressor(inverse_penalty=1.0),
    log_odds=LOG_ODDS,
    training=TRAINING,
    deployment=DEPLOYMENT,
    tolerances=TOLERANCES,
    source=SOURCE,
)
