"""A model made of other models, declared as data: a Triton ensemble, such as soft voting."""

from abc import abstractmethod
from typing import Literal, Self

from pydantic import Field, model_validator

from specs.declared import Declared
from specs.head import FindingProbability, ImageHead
from specs.model import ModelSpec
from specs.recipe import PixelRecipe
from specs.tensors import ElementType, Tensor

LEAST_EVIDENCE = 1e-6
"""What a map without positive evidence is divided by instead of its largest value: it stays zero."""


class VotingMember(Declared):
    """A model whose probability is one vote, with what of its tensors the ensemble takes."""

    model: str = Field(description="Name of its repository entry.")
    probability: Tensor
    activation_map: Tensor | None
    log_odds: Tensor | None = Field(
        default=None,
        exclude_if=lambda tensor: tensor is None,  # so that the digests of contracts without them stay as they are
        description="Its log-odds, where the ensemble takes these.",
    )
    title: str | None = Field(
        default=None,
        exclude_if=lambda title: title is None,  # as above
        description="What its probability is of, for people, where that is another thing than the ensemble's.",
    )

    @classmethod
    def of(cls, spec: ModelSpec, *, log_odds: Tensor | None = None, title: str | None = None) -> Self:
        """Take the facts from a member's own spec.

        Raises:
            ValueError: it does not give the probability of a finding.
        """
        if not isinstance(spec.head, FindingProbability):
            raise ValueError(f"{spec.name} gives no probability to vote with")
        return cls(
            model=spec.name,
            probability=spec.head.probability,
            activation_map=spec.head.activation_map,
            log_odds=log_odds,
            title=title,
        )

    @property
    def vote(self) -> Tensor:
        """Its probability under the name that it has in the ensemble."""
        return self.probability.model_copy(update={"name": f"{self.model}_{self.probability.name}"})

    @property
    def named_log_odds(self) -> Tensor | None:
        """Its log-odds under the name that they have in the ensemble."""
        given = self.log_odds
        return None if given is None else given.model_copy(update={"name": f"{self.model}_{given.name}"})

    @property
    def evidence(self) -> Tensor | None:
        """Its map under the name that it has in the ensemble."""
        given = self.activation_map
        return None if given is None else given.model_copy(update={"name": f"{self.model}_{given.name}"})


class Step(Declared):
    """One model at work in an ensemble; both tables are from its own tensor names to the ensemble's."""

    model: str
    inputs: dict[str, str]
    outputs: dict[str, str]


class CombiningGraph(Declared):
    """An entry of the repository that only combines what members say; it has no weights and no contract of its own."""

    name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    @property
    def step(self) -> Step:
        """Its step; its tensors have the names that they have in the ensemble."""
        return Step(
            model=self.name,
            inputs={tensor.name: tensor.name for tensor in self.inputs},
            outputs={tensor.name: tensor.name for tensor in self.outputs},
        )


class CompoundSpec(ModelSpec):
    """A model made of others, each with an entry and a contract of its own."""

    members: tuple[VotingMember, ...] = Field(min_length=2)
    largest_batch: int = Field(gt=0)

    @model_validator(mode="after")
    def _members_are_told_apart(self) -> Self:
        if len({member.model for member in self.members}) != len(self.members):
            raise ValueError("a member votes twice")
        return self

    @property
    def member_probabilities(self) -> Tensor:
        """Output with each member's probability, in the order of the members."""
        return Tensor(name="member_probabilities", element_type=ElementType.FLOAT32, shape=(len(self.members),))

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Output tensors of the entry, the answer first."""
        return (*self.head.outputs, self.member_probabilities)

    @property
    @abstractmethod
    def combining_graphs(self) -> tuple[CombiningGraph, ...]:
        """The entries that only combine."""

    @property
    @abstractmethod
    def steps(self) -> tuple[Step, ...]:
        """What is run, each step after those whose tensors it takes."""


class EnsembleSpec(CompoundSpec):
    """Soft voting: the probability is the plain mean of the members' probabilities.

    The map is the mean of the members' maps, each without its negative evidence, resized to the finest of them and
    divided by its own largest value: our choice. Triton leaves out the steps that only unwanted outputs need, so it is
    computed on request, by a second run of the members.
    """

    kind: Literal["ensemble"] = "ensemble"
    recipe: PixelRecipe
    head: ImageHead = Field(discriminator="kind")

    @property
    def vote_graph(self) -> CombiningGraph:
        """The entry that takes the mean of the probabilities."""
        return CombiningGraph(
            name=f"{self.name}_vote",
            inputs=tuple(member.vote for member in self.members),
            outputs=(self.head.answer, self.member_probabilities),
        )

    @property
    def map_graph(self) -> CombiningGraph | None:
        """The entry that combines the maps; None where no map is declared."""
        if self.head.activation_map is None:
            return None
        maps = tuple(member.evidence for member in self.members if member.evidence is not None)
        return CombiningGraph(name=f"{self.name}_map", inputs=maps, outputs=(self.head.activation_map,))

    @property
    def combining_graphs(self) -> tuple[CombiningGraph, ...]:
        """The entries that only combine."""
        return (self.vote_graph,) if self.map_graph is None else (self.vote_graph, self.map_graph)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is run, each step after those whose tensors it takes; votes and maps are steps of their own."""
        pixels = {tensor.name: tensor.name for tensor in self.inputs}
        taken: list[tuple[VotingMember, Tensor | None, Tensor | None]] = [
            (member, member.probability, member.vote) for member in self.members
        ]
        if self.map_graph is not None:
            taken += [(member, member.activation_map, member.evidence) for member in self.members]
        members = [
            Step(model=member.model, inputs=pixels, outputs={own.name: named.name})
            for member, own, named in taken
            if own is not None and named is not None
        ]
        return (*members, *(graph.step for graph in self.combining_graphs))
