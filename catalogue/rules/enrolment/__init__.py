"""Pure rules of enrolment (投保登记), its catalogue editions and qualifications."""

from catalogue.rules.enrolment import texts as _texts
from catalogue.rules.enrolment.checks import (
    CHECKS,
    MATERIALS,
    CatalogueFacts,
    EnrolmentFacts,
    ObjectState,
    PolicyState,
    check_enrolment,
)
from catalogue.rules.enrolment.editions import (
    Edition,
    EnrolmentRules,
    Item,
    Limit,
    read_editions,
    read_required,
    read_rules,
)
from catalogue.rules.enrolment.matching import (
    Actual,
    ParameterMatch,
    Required,
    all_met,
    match_parameters,
)
from catalogue.rules.enrolment.sales import ContractFacts, check_contract, check_grant

TEXTS = _texts.TEXTS

__all__ = [
    "CHECKS",
    "MATERIALS",
    "TEXTS",
    "Actual",
    "CatalogueFacts",
    "ContractFacts",
    "Edition",
    "EnrolmentFacts",
    "EnrolmentRules",
    "Item",
    "Limit",
    "ObjectState",
    "ParameterMatch",
    "PolicyState",
    "Required",
    "all_met",
    "check_contract",
    "check_enrolment",
    "check_grant",
    "match_parameters",
    "read_editions",
    "read_required",
    "read_rules",
]
