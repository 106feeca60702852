"""Model M3 of dopamine-transporter SPECT: uptake, symmetry, shape and age."""

from specs.classifier import LogisticRegressor
from specs.dat_binding import DAT_BINDING
from specs.dat_direct import DAT_DIRECT
from specs.dat_features import NIGROSTRIATAL_DISEASE, SOURCE, TOLERANCES, TRAINING, finding_head
from specs.dat_shape import DAT_SHAPE
from specs.dat_symmetry import DAT_SYMMETRY
from specs.dat_uptake import DAT_UPTAKE
from specs.ensemble import VotingMember
from specs.model import Truth
from specs.stacking import StackedSpec
from specs.striatal_recipes import STRIATAL_FEATURES, StriatalFeature

DAT_PARKINSONISM = StackedSpec(
    name="dat_parkinsonism",
    title="Parkinson syndrome or Lewy-body disease from uptake, symmetry and shape of the striata, and age",
    recipe=STRIATAL_FEATURES,
    head=finding_head(NIGROSTRIATAL_DISEASE),
    truth=Truth(phantom="diseased", column="diseased"),
    members=(
        VotingMember.of(DAT_UPTAKE, log_odds=DAT_UPTAKE.log_odds, title="low uptake"),
        VotingMember.of(DAT_SYMMETRY, log_odds=DAT_SYMMETRY.log_odds, title="asymmetric"),
        VotingMember.of(DAT_SHAPE, log_odds=DAT_SHAPE.log_odds, title="dot-shaped"),
    ),
    largest_batch=256,
    stage="dat_stage2",
    features=(StriatalFeature.AGE_YEARS,),
    regression=LogisticRegressor(inverse_penalty=1.0, degree=2),
    folds=4,
    compared_with=(DAT_BINDING.name, DAT_DIRECT.name),
    training=TRAINING,
    tolerances=TOLERANCES,
    source=SOURCE,
)
