"""What a report holds beside a model's main figures, each part where it is known."""

from pydantic import Field

from evaluation.baseline import FindingBaseline, QuantityBaseline
from evaluation.finding_subgroups import FindingSubgroup
from evaluation.fisher_table import FisherTable
from evaluation.map_shares import MapShares
from evaluation.paired_discrimination import AreaComparison
from evaluation.patient_bootstrap import PatientBootstrap
from evaluation.quantity_subgroups import QuantitySubgroup
from evaluation.subgroups import CallsByGroup
from specs.declared import Declared

SUBGROUPS = "By sex, age, view and site, where these are known"
LESION_SITES = "Patients with FDG-positive lesions at each site"
CHANCE_NOTE = "of several groups, one or another differs by chance"


class MemberComparison(Declared):
    """An ensemble's AUC (first) and that of one of its members (second) on the same studies."""

    model: str
    comparison: AreaComparison

    def __str__(self) -> str:
        return f"Against its member {self.model}: {self.comparison}"


class OtherModel(Declared):
    """A model's AUC (first) and that of another model of the same finding (second) on the studies that both scored."""

    model: str
    contract_sha256: str
    studies: int
    comparison: AreaComparison

    def __str__(self) -> str:
        return f"Against {self.model}, on {self.studies} studies: {self.comparison}"


class Details(Declared):
    """What any report may hold.

    `left_out` counts the images of the data set that are not among the studies, by reason. `by_patient` is absent, also
    from the JSON, where no patient has several images.
    """

    left_out: dict[str, int] = Field(default_factory=dict)
    maps: MapShares | None = None
    by_patient: PatientBootstrap | None = Field(default=None, exclude_if=lambda found: found is None)


class FindingDetails(Details):
    """What the report of a finding may hold.

    `others` is absent, also from the JSON, where the model is compared with none. `lesion_sites` parts the patients by
    their disease, those with the finding first; it is absent in the same way where nobody knows the sites.
    """

    grades: CallsByGroup | None = None
    subgroups: tuple[FindingSubgroup, ...] = ()
    members: tuple[MemberComparison, ...] = ()
    baseline: FindingBaseline | None = None
    others: tuple[OtherModel, ...] = Field(default=(), exclude_if=lambda found: not found)
    lesion_sites: FisherTable | None = Field(default=None, exclude_if=lambda found: found is None)

    @property
    def best_member(self) -> MemberComparison | None:
        """The member with the largest AUC; None where the model is no ensemble."""
        return max(self.members, key=lambda member: member.comparison.second.estimate, default=None)

    def __str__(self) -> str:
        lesions = None if self.lesion_sites is None else f"{LESION_SITES}: {self.lesion_sites}"
        return _text(self, *self.members, *self.others, self.baseline, self.grades, lesions)


class QuantityDetails(Details):
    """What the report of a quantity may hold."""

    subgroups: tuple[QuantitySubgroup, ...] = ()
    baseline: QuantityBaseline | None = None

    def __str__(self) -> str:
        return _text(self, self.baseline)


def _text(details: FindingDetails | QuantityDetails, *first: object) -> str:
    lines = [str(part) for part in (details.by_patient, *first, details.maps) if part is not None]
    if details.subgroups:
        lines.append(f"{SUBGROUPS}; {CHANCE_NOTE}:")
    lines += [str(group) for group in details.subgroups]
    lines += [f"Left out: {images} images: {reason}" for reason, images in sorted(details.left_out.items())]
    return "\n".join(lines)
