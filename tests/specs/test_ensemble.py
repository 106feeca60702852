"""What holds for every model that is made of others."""

import pytest
from pydantic import ValidationError

from specs import SPECS, member_specs
from specs.contract import Contract
from specs.ejection_fraction import EJECTION_FRACTION
from specs.ensemble import EnsembleSpec, VotingMember
from specs.head import FindingProbability
from specs.weights import WeightsRecord
from tests.specs.records import weights_record

ENSEMBLES = [spec for spec in SPECS.values() if isinstance(spec, EnsembleSpec)]


@pytest.fixture(params=ENSEMBLES, ids=lambda spec: spec.name)
def ensemble(request: pytest.FixtureRequest) -> EnsembleSpec:
    declared: EnsembleSpec = request.param
    return declared


def test_aortic_stenosis_is_voted_on_by_the_three_published_networks() -> None:
    members = member_specs(SPECS["aortic_stenosis"])  # type: ignore[arg-type]
    assert [member.network.architecture for member in members] == ["inception_v3", "resnet50", "densenet121"]


def test_members_find_the_same_thing_in_the_same_pixels(ensemble: EnsembleSpec) -> None:
    assert isinstance(ensemble.head, FindingProbability)
    for member in member_specs(ensemble):
        assert isinstance(member.head, FindingProbability)
        assert member.head.finding == ensemble.head.finding
        assert (member.recipe, member.truth) == (ensemble.recipe, ensemble.truth)


def test_what_the_ensemble_takes_of_a_member_is_what_the_member_declares(ensemble: EnsembleSpec) -> None:
    for declared, member in zip(ensemble.members, member_specs(ensemble), strict=True):
        assert declared == VotingMember.of(member)


def test_the_map_is_as_fine_as_the_finest_of_the_members(ensemble: EnsembleSpec) -> None:
    shapes = [member.activation_map.shape for member in ensemble.members if member.activation_map is not None]
    assert ensemble.head.activation_map is not None
    assert ensemble.head.activation_map.shape == max(shapes)


def test_each_step_takes_what_stands_before_it_and_every_output_is_given_once(ensemble: EnsembleSpec) -> None:
    known = {tensor.name for tensor in ensemble.inputs}
    for step in ensemble.steps:
        assert set(step.inputs.values()) <= known
        assert not known.intersection(step.outputs.values())
        known |= set(step.outputs.values())
    assert {tensor.name for tensor in ensemble.outputs} <= known


def test_no_step_gives_both_a_vote_and_a_map(ensemble: EnsembleSpec) -> None:
    """Triton leaves out whole steps only: a step with both would always compute the map."""
    votes = {tensor.name for tensor in ensemble.vote_graph.inputs}
    for step in ensemble.steps:
        given = set(step.outputs.values())
        assert given <= votes or not given & votes


def test_a_member_that_votes_twice_is_refused(ensemble: EnsembleSpec) -> None:
    twice = ensemble.model_dump() | {"members": [ensemble.members[0].model_dump()] * 2}
    with pytest.raises(ValidationError, match="votes twice"):
        EnsembleSpec.model_validate(twice)


def test_a_model_without_a_probability_is_no_member() -> None:
    with pytest.raises(ValueError, match="ejection_fraction gives no probability"):
        VotingMember.of(EJECTION_FRACTION)


def test_a_record_whose_digest_is_not_of_its_steps_is_refused(ensemble: EnsembleSpec) -> None:
    record = weights_record(ensemble)
    with pytest.raises(ValidationError, match="not that of its steps"):
        WeightsRecord.model_validate(record.model_dump() | {"model_sha256": "0" * 64})


def test_a_contract_needs_the_weights_of_every_step(ensemble: EnsembleSpec) -> None:
    without = weights_record(ensemble).model_dump() | {"steps": (), "model_sha256": "0" * 64}
    with pytest.raises(ValidationError, match="not of the steps"):
        Contract(spec=ensemble, weights=WeightsRecord.model_validate(without))
