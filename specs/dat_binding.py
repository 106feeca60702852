"""Model M1 of dopamine-transporter SPECT, for comparison: specific binding ratio and asymmetry index."""

from specs.classifier import ClassifierSpec, LogisticRegressor
from specs.dat_features import DEPLOYMENT, LOG_ODDS, NIGROSTRIATAL_DISEASE, SOURCE, TOLERANCES, TRAINING, finding_head
from specs.model import Truth
from specs.striatal_recipes import STRIATAL_FEATURES, StriatalFeature

DAT_BINDING = ClassifierSpec(
    name="dat_binding",
    title="Parkinson syndrome or Lewy-body disease from binding ratio and asymmetry index",
    recipe=STRIATAL_FEATURES,
    head=finding_head(NIGROSTRIATAL_DISEASE),
    truth=Truth(phantom="diseased", column="diseased"),
    features=(
        StriatalFeature.BINDING_MEAN,
        StriatalFeature.BINDING_ASYMMETRY_PERCENT,
    ),
    classifier=LogisticRegressor(inverse_penalty=1.0),
    log_odds=LOG_ODDS,
    training=TRAINING,
    deployment=DEPLOYMENT,
    tolerances=TOLERANCES,
    source=SOURCE,
)
