"""Outcome of chronic heart failure within two years from 13 clinical variables."""

from specs.deployment import Deployment, Engine
from specs.heart_failure_background import BACKGROUND
from specs.heart_failure_variables import HEART_FAILURE_VARIABLES
from specs.model import Truth
from specs.outcome import Outcome, OutcomeClassifier, OutcomeProbabilities, OutcomeTolerances
from specs.tabular import ForestDefaults, RegressionDefaults, TabularSpec, TabularTrainingDefaults
from specs.tensors import ElementType, Tensor

HEART_FAILURE_OUTCOME = TabularSpec(
    name="heart_failure_outcome",
    title="Heart-failure death, arrhythmic event or survival within two years from 13 clinical variables",
    recipe=HEART_FAILURE_VARIABLES,
    head=OutcomeProbabilities(
        horizon_years=2.0,
        outcomes=(
            Outcome(name="heart_failure_death", title="heart-failure death", high_risk_above=0.15),
            Outcome(name="arrhythmic_event", title="arrhythmic event", high_risk_above=0.11),
            Outcome(name="survival", title="survival", high_risk_above=None),
        ),
        classifiers=(
            OutcomeClassifier(
                name="regression",
                title="multinomial logistic regression",
                probabilities=Tensor(name="regression", element_type=ElementType.FLOAT32, shape=(3,)),
            ),
            OutcomeClassifier(
                name="forest",
                title="random forest",
                probabilities=Tensor(name="forest", element_type=ElementType.FLOAT32, shape=(3,)),
            ),
        ),
        risk_source="Nakajima K et al., 10.1007/s12350-020-02173-6: heart-failure death above 15 %, events above 11 %",
        curve_variable="late_hm_ratio",
        curve_range=(1.0, 3.5),
    ),
    truth=Truth(phantom="outcome", column="outcome"),
    training=TabularTrainingDefaults(
        forest=ForestDefaults(trees=100, deepest=8, fewest_in_leaf=5),
        regression=RegressionDefaults(inverse_penalty=1.0),
        phantoms=526,
    ),
    deployment=Deployment(
        engines=(Engine.ONNXRUNTIME,),
        largest_batch=1024,
        preferred_batches=(64, 256, 1024),
        queue_delay_us=500,
        instances=1,
    ),
    background=BACKGROUND,
    tolerances=OutcomeTolerances(probability_shift=1e-6, sum_error=1e-5),
    source=(
        "Nakajima K et al., Journal of Nuclear Cardiology 2022;29:190-201, 10.1007/s12350-020-02173-6: 526 patients, "
        "13 variables, two years; heart-failure death by random forest AUC 0.92 and logistic regression 0.90, "
        "arrhythmic events by logistic regression 0.73; cut-offs 15 % and 11 %. Not found: coding of the variables, "
        "boundaries of BNP and NT-proBNP, settings, validation scheme; what stands here for them is our choice. One "
        "regression of three classes gives the answer, for its probabilities add up to 1 and that of arrhythmic events "
        "can peak between the two others; a binary one that is linear in the H/M ratio cannot."
    ),
)
