"""What makes an enrolment (投保登记) and a qualification right: one function each, all at once.

What only a subsidy rule forbids is a warning here: the rule book of the scheme decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from catalogue.rules.enrolment.editions import EnrolmentRules
from catalogue.rules.enrolment.matching import ParameterMatch
from catalogue.rules.enrolment.sales import ContractFacts, check_contract_days
from catalogue.rules.subsidy.nouns import FIRST_KINDS, Material, Relation, SubjectKind
from service.kernel.findings import Finding, blocker, warning

LIVE_POLICIES = frozenset({"recorded", "confirmed"})
MATERIALS: dict[str, tuple[Material, ...]] = {
    SubjectKind.FIRST_SET: (Material.CATALOGUE_PROOF, Material.IP_PROOF, Material.SALES_CONTRACT),
    SubjectKind.FIRST_BATCH: (
        Material.CATALOGUE_PROOF,
        Material.IP_PROOF,
        Material.TEST_REPORT,
        Material.SALES_CONTRACT,
    ),
    SubjectKind.FIRST_VERSION: (
        Material.IP_PROOF,
        Material.TEST_REPORT,
        Material.SALES_CONTRACT,
    ),
}
"""Papers an enrolment should have (POLICY §A.6); a missing one is pointed out."""


@dataclass(frozen=True, slots=True)
class CatalogueFacts:
    """The row an object names, its edition, and the edition that holds when cover starts."""

    edition: str
    kind: str
    valid_from: date
    valid_to: date | None
    item: str
    matches: tuple[ParameterMatch, ...] = ()
    edition_then: str = ""

    def holds(self, day: date) -> bool:
        """Whether the edition is valid on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ObjectState:
    """The insured object as enrolled. ``units``: serial numbers given. Amounts in fen."""

    kind: str
    value_fen: int | None = None
    variety: str = ""
    batch: str = ""
    software_version: str = ""
    copyright_number: str = ""
    test_report_number: str = ""
    test_report_marks: tuple[str, ...] = ()
    units: int = 0
    units_before: int = 0
    materials: frozenset[str] = frozenset()
    catalogue: CatalogueFacts | None = None


@dataclass(frozen=True, slots=True)
class PolicyState:
    """The policy as enrolled; ``names_object`` None: it names none yet."""

    status: str
    start_on: date
    end_on: date
    limit_fen: int
    insures_firm: bool
    names_object: bool | None
    enrolled_as: str = ""


@dataclass(frozen=True, slots=True)
class EnrolmentFacts:
    """Everything the checks of an enrolment look at, and today."""

    object: ObjectState
    policy: PolicyState
    contract: ContractFacts | None
    rules: EnrolmentRules
    today: date


Check = Callable[[EnrolmentFacts], list[Finding]]


def check_policy_parties(one: EnrolmentFacts) -> list[Finding]:
    """The policy insures this firm and this object, and no other enrolment rests on it."""
    found, policy = [], one.policy
    if not policy.insures_firm:
        found.append(blocker("enrolment.policy_of_another_firm", "policy_id"))
    if policy.names_object is False:
        found.append(blocker("enrolment.policy_of_another_object", "policy_id"))
    elif policy.names_object is None:
        found.append(warning("enrolment.policy_names_no_object", "policy_id"))
    if policy.enrolled_as:
        found.append(
            blocker("enrolment.policy_enrolled", "policy_id", enrolment=policy.enrolled_as)
        )
    return found


def check_policy_state(one: EnrolmentFacts) -> list[Finding]:
    """The policy is in force or will be: not disputed, not cancelled, not over."""
    if one.policy.status == "disputed":
        return [blocker("enrolment.policy_disputed", "policy_id")]
    if one.policy.status not in LIVE_POLICIES or one.policy.end_on < one.today:
        return [blocker("enrolment.policy_not_live", "policy_id", end=one.policy.end_on)]
    return []


def check_required_facts(one: EnrolmentFacts) -> list[Finding]:
    """What each kind of object must have (POLICY §A.2, §A.3, §C)."""
    thing = one.object
    wanted: dict[str, tuple[tuple[str, object, str, str], ...]] = {
        SubjectKind.FIRST_SET: (
            ("serial_numbers", thing.units, "出厂编号", "serial numbers"),
            ("value_fen", thing.value_fen, "装备价值", "value"),
        ),
        SubjectKind.FIRST_BATCH: (
            ("variety", thing.variety, "材料品种", "variety"),
            ("batch", thing.batch, "批次", "batch"),
        ),
        SubjectKind.FIRST_VERSION: (
            ("software_version", thing.software_version, "软件版本号", "version of the software"),
            ("copyright_number", thing.copyright_number, "软件著作权登记号", "copyright number"),
        ),
    }
    found = [
        blocker("enrolment.fact_missing", f"object.{field}", name_zh=zh, name_en=en)
        for field, value, zh, en in wanted.get(thing.kind, ())
        if not value
    ]
    if thing.kind in FIRST_KINDS and one.contract is None:
        found.append(
            blocker(
                "enrolment.fact_missing",
                "contract_id",
                name_zh="销售合同",
                name_en="sales contract",
            )
        )
    return found


def check_test_report(one: EnrolmentFacts) -> list[Finding]:
    """Software was tested by an accredited body (POLICY §C: CMA or CNAS)."""
    thing = one.object
    if thing.kind != SubjectKind.FIRST_VERSION:
        return []
    if not thing.test_report_number or not thing.test_report_marks:
        return [warning("enrolment.no_test_report", "object.test_report_number")]
    return []


def check_catalogue(one: EnrolmentFacts) -> list[Finding]:
    """The row stands in the edition that holds when the cover starts; its parameters are met."""
    row, kind, start = one.object.catalogue, one.object.kind, one.policy.start_on
    field = "object.catalogue"
    if row is None:
        if kind in (SubjectKind.FIRST_SET, SubjectKind.FIRST_BATCH):
            return [blocker("enrolment.no_catalogue_item", field)]
        return []
    found = []
    if row.kind != kind:
        found.append(
            blocker("enrolment.catalogue_other_kind", field, edition=row.edition, item=row.item)
        )
    if not row.holds(start):
        signed = one.contract.signed_on if one.contract else None
        make = warning if signed is not None and row.holds(signed) else blocker
        found.append(
            make(
                "enrolment.edition_not_valid",
                field,
                row.edition,
                edition=row.edition,
                day=start,
                edition_then=row.edition_then or "-",
            )
        )
    return found + _parameters(row)


def _parameters(row: CatalogueFacts) -> list[Finding]:
    found = []
    for match in row.matches:
        if match.met:
            continue
        make = warning if match.met is None else blocker
        code = "enrolment.parameter_unknown" if match.met is None else "enrolment.parameter_not_met"
        found.append(
            make(
                code,
                "object.parameters",
                f"{row.edition} {row.item}",
                name=match.name,
                required=match.required,
                actual=match.actual or "-",
            )
        )
    return found


def check_units(one: EnrolmentFacts) -> list[Finding]:
    """Within the first sets, and as many units as the contract sells."""
    thing, found = one.object, []
    if thing.kind != SubjectKind.FIRST_SET:
        return []
    most = one.rules.sets_max
    if thing.units_before + thing.units > most.value:
        found.append(
            warning(
                "enrolment.beyond_first_sets",
                "object.serial_numbers",
                most.source,
                units=thing.units,
                before=thing.units_before,
                most=most.value,
            )
        )
    if one.contract and thing.units > one.contract.quantity:
        found.append(
            warning(
                "enrolment.more_units_than_sold",
                "object.serial_numbers",
                units=thing.units,
                quantity=one.contract.quantity,
            )
        )
    return found


def check_buyer(one: EnrolmentFacts) -> list[Finding]:
    """Affiliates and traders as buyers: most rules pay nothing (POLICY §A.3)."""
    if one.contract is None or one.contract.buyer_relation == Relation.NONE:
        return []
    relation = one.contract.buyer_relation
    return [
        warning(
            "enrolment.buyer_relation",
            "contract.buyer_relation",
            "工信厅联原函〔2019〕248号",
            relation_zh=Relation.zh_of(relation),
            relation_en=relation,
        )
    ]


def check_amounts(one: EnrolmentFacts) -> list[Finding]:
    """The limit reaches the value (2019 notice: at least once), the contract bears the value."""
    found, value_fen = [], one.object.value_fen
    if value_fen is None:
        return []
    if one.policy.limit_fen < value_fen:
        found.append(
            warning(
                "enrolment.limit_below_value",
                "policy.limit_fen",
                limit_fen=one.policy.limit_fen,
                value_fen=value_fen,
            )
        )
    if one.contract and value_fen > one.contract.amount_fen:
        found.append(
            warning(
                "enrolment.value_above_contract",
                "object.value_fen",
                value_fen=value_fen,
                contract_fen=one.contract.amount_fen,
            )
        )
    return found


def check_order_of_days(one: EnrolmentFacts) -> list[Finding]:
    """The sale comes before the cover."""
    contract = one.contract
    if contract is None:
        return []
    found = check_contract_days(contract, one.today)
    if contract.signed_on > one.policy.start_on:
        found.append(
            warning("enrolment.covered_before_sale", "contract.signed_on", day=contract.signed_on)
        )
    return found


def check_materials(one: EnrolmentFacts) -> list[Finding]:
    """The papers that go with an object of this kind."""
    missing = [m for m in MATERIALS.get(one.object.kind, ()) if m not in one.object.materials]
    if not missing:
        return []
    return [
        warning(
            "enrolment.materials_missing",
            "object.documents",
            "POLICY §A.6",
            missing_zh=[m.zh for m in missing],
            missing=[m.value for m in missing],
        )
    ]


CHECKS: tuple[Check, ...] = (
    check_policy_parties,
    check_policy_state,
    check_required_facts,
    check_test_report,
    check_catalogue,
    check_units,
    check_buyer,
    check_amounts,
    check_order_of_days,
    check_materials,
)


def check_enrolment(one: EnrolmentFacts) -> list[Finding]:
    """All findings on an enrolment, blockers first."""
    found = [finding for check in CHECKS for finding in check(one)]
    return sorted(found, key=lambda finding: not finding.blocks)
