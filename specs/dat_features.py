"""What the classifiers of dopamine-transporter SPECT share: findings, sizes, source."""

from typing import Final

from specs.classifier import ClassifierTrainingDefaults
from specs.coding import CodedConcept
from specs.deployment import Deployment, Engine
from specs.head import FindingProbability, FindingTolerances, LargestYouden
from specs.tensors import ElementType, Tensor

_LOCAL_SCHEME: Final = "99TRICORDER"

LOW_UPTAKE = CodedConcept(value="DAT-LOW", scheme=_LOCAL_SCHEME, meaning="Low uptake of the striata")
ASYMMETRIC = CodedConcept(value="DAT-ASYMMETRIC", scheme=_LOCAL_SCHEME, meaning="Asymmetric uptake of the striata")
DOT_SHAPED = CodedConcept(value="DAT-DOT", scheme=_LOCAL_SCHEME, meaning="Dot-shaped uptake of the striata")
NIGROSTRIATAL_DISEASE = CodedConcept(
    value="DAT-PS-DLB", scheme=_LOCAL_SCHEME, meaning="Parkinson syndrome or Lewy-body disease"
)
"""The classes of the source; no code of a standard means one of them (PS/PD/DLB are three diagnoses)."""

LOG_ODDS = Tensor(name="log_odds", element_type=ElementType.FLOAT32, shape=(1,))

TRAINING = ClassifierTrainingDefaults(phantoms=3000)

DEPLOYMENT = Deployment(
    engines=(Engine.ONNXRUNTIME,),
    largest_batch=256,
    preferred_batches=(16, 64, 256),
    queue_delay_us=500,
    instances=1,
)

TOLERANCES = FindingTolerances(probability_shift=1e-6, flipped_share=0.0, auc_change=1e-5)
"""Two studies that float64 tells apart and float32 does not change the AUC by one pair in a million."""

SOURCE = (
    "Nakajima K et al., Annals of Nuclear Medicine 2022;36:765-776, 10.1007/s12149-022-01759-z: 239 patients, trained "
    "in one hospital and tested in another; features F1 uptake (gradient-boosted trees), F2 symmetry (nearest "
    "neighbors), F3 shape (logistic regression), F4 direct; models M1 (binding ratio and asymmetry), M2 (F4) and "
    "M3 (F1, F2, F3 and age), M3 the best with an AUC of 0.93. Not found: which numbers of an image the classifiers "
    "saw, their settings, how the second stage joins them; what stands here for them is our choice."
)


def finding_head(finding: CodedConcept) -> FindingProbability:
    """Return the head of a classifier of features: a probability, no map."""
    return FindingProbability(
        finding=finding,
        probability=Tensor(name="probability", element_type=ElementType.FLOAT32, shape=(1,)),
        activation_map=None,
        operating_point_policy=LargestYouden(),
    )
