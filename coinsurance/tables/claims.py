"""Tables of claims (赔案): the claim, its sections and shares, movements and their parts. Fen."""

from __future__ import annotations

from piccolo.columns import (
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from catalogue.tables.policies import Policy
from coinsurance.tables.placements import Placement, RiskSection
from coinsurance.tables.pools import PoolYear, ShareSchedule
from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class Claim(Table, tablename="claim"):
    """A claim on one policy for one occurrence (赔案); of the pool year and shares of its loss day.

    `placement` null: a policy of a single insurer, which carries the whole.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    placement = ForeignKey(
        Placement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    insured = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    handler = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    status = Varchar(length=20, default=None, null=False)
    revision = Integer(default=1)
    loss_on = Date(default=None, null=False)
    place = Varchar(length=200, default="")
    cause = Varchar(length=120, default=None, null=False)
    description = Text(default="")
    event = Varchar(length=40, default="")
    estimate_fen = BigInt(default=None, null=False)
    flags = Array(base_column=Varchar(length=20), default=list)
    reported_at = Timestamptz(default=None, null=False)
    reporter = Varchar(length=120, default="")
    registered_on = Date(default=None, null=True)
    assessment = Integer(default=0)
    assessed_by = BigInt(default=None, null=True)
    consent = BigInt(default=None, null=True)
    proposal = Varchar(length=10, default="")
    proposed_fen = BigInt(default=None, null=True)
    agreed_on = Date(default=None, null=True)
    payment_due_on = Date(default=None, null=True)
    movement_count = Integer(default=0)
    obligation_count = Integer(default=0)
    closed_on = Date(default=None, null=True)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_claim_number = Unique([number])
    ck_claim_status = Check(
        "status in ('notified','registered','survey','assessed','consent_pending','agreed',"
        "'declined','disputed','part_paid','paid','recovery','closed','reopened')"
    )
    ck_claim_pool = Check("(placement is null) = (pool_year is null)")
    ck_claim_flags = Check(
        "flags <@ array['fraud','coverage_doubt','dispute','litigation']::varchar[]"
    )
    ck_claim_proposal = Check("proposal in ('','agree','decline')")
    ck_claim_estimate = Check("estimate_fen >= 0")


class ClaimSection(Table, tablename="claim_section"):
    """A section or layer that a claim may hurt, with the schedule of the loss day and its money.

    Limits are copies of what the policy said on the loss day; paid ≤ authorised ≤ limit and
    recovered ≤ paid are held here, whatever program writes.
    """

    id = BigSerial(primary_key=True)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    section = ForeignKey(
        RiskSection, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    position = Integer(default=None, null=False)
    code = Varchar(length=20, default=None, null=False)
    title = Varchar(length=120, default=None, null=False)
    layer = Boolean(default=None, null=False)
    attachment_fen = BigInt(default=None, null=False)
    limit_fen = BigInt(default=None, null=False)
    aggregate_fen = BigInt(default=None, null=True)
    schedule = ForeignKey(
        ShareSchedule, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    assessed_fen = BigInt(default=0)
    agreed_fen = BigInt(default=None, null=True)
    authorised_fen = BigInt(default=0)
    paid_fen = BigInt(default=0)
    reserve_fen = BigInt(default=0)
    expense_fen = BigInt(default=0)
    recovered_fen = BigInt(default=0)

    uq_claim_section_claim_code = Unique([claim, code])
    uq_claim_section_claim_position = Unique([claim, position])
    ck_claim_section_paid = Check(
        "paid_fen between 0 and authorised_fen and authorised_fen <= limit_fen"
        " and (agreed_fen is null or agreed_fen <= authorised_fen)"
    )
    ck_claim_section_money = Check(
        "assessed_fen >= 0 and reserve_fen >= 0 and expense_fen >= 0"
        " and recovered_fen between 0 and paid_fen"
    )


class ClaimShare(Table, tablename="claim_share"):
    """A member's share of a claim's section, frozen from the schedule of the loss day."""

    id = BigSerial(primary_key=True)
    section = ForeignKey(
        ClaimSection, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    position = Integer(default=None, null=False)
    share_units = BigInt(default=None, null=False)

    uq_claim_share_section_organisation = Unique([section, organisation])
    ck_claim_share_units = Check("share_units between 0 and 100000000")


class ClaimMovement(Table, tablename="claim_movement"):
    """A movement of a claim (赔案变动), never overwritten; `reversal_of` mirrors one, once.

    `amount_fen` of a recovery is net of `cost_fen`; `reserve_change_fen` is what the movement does
    to the outstanding reserve. `entry` null: no money between members (a single insurer's own).
    """

    id = BigSerial(primary_key=True)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    section = ForeignKey(
        ClaimSection, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    kind = Varchar(length=12, default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    cost_fen = BigInt(default=0)
    reserve_change_fen = BigInt(default=None, null=False)
    effective_on = Date(default=None, null=False)
    papers_on = Date(default=None, null=True)
    reference = Varchar(length=80, default="")
    charge = Varchar(length=20, default="")
    note = Text(default="")
    holder = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    reversal_of = BigInt(default=None, null=True)
    entry = BigInt(default=None, null=True)
    clause = Varchar(length=200, default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_claim_movement_claim_number = Unique([claim, number])
    uq_claim_movement_reversal_of = Unique([reversal_of])
    ck_claim_movement_kind = Check(
        "kind in ('reserve','expense','payment','advance','recovery','salvage','reopen')"
    )
    ck_claim_movement_amount = Check(
        "cost_fen >= 0 and (reversal_of is not null or kind in ('reserve','reopen')"
        " or amount_fen > 0)"
    )


class ClaimPart(Table, tablename="claim_part"):
    """A member's part of a movement; `exact` is its entitlement to date as a fraction.

    `called_fen` is what a cash call had already asked of the member for this part.
    """

    id = BigSerial(primary_key=True)
    movement = ForeignKey(
        ClaimMovement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    position = Integer(default=None, null=False)
    share_units = BigInt(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    reserve_fen = BigInt(default=None, null=False)
    called_fen = BigInt(default=None, null=False)
    to_date_fen = BigInt(default=None, null=False)
    exact_numerator = Text(default=None, null=False)
    exact_denominator = Text(default=None, null=False)

    uq_claim_part_movement_organisation = Unique([movement, organisation])


class ClaimPayee(Table, tablename="claim_payee"):
    """For whom and to whom a payment went (收款人与受益对象)."""

    id = BigSerial(primary_key=True)
    movement = ForeignKey(
        ClaimMovement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    beneficiary_kind = Varchar(length=12, default=None, null=False)
    beneficiary_name = Varchar(length=120, default=None, null=False)
    beneficiary_key = Varchar(length=120, default=None, null=False)
    beneficiary_uscc = Varchar(length=18, default="")
    payee_name = Varchar(length=120, default=None, null=False)
    payee_account = Varchar(length=40, default=None, null=False)
    bank_name = Varchar(length=120, default="")
    authority_reference = Varchar(length=80, default="")
    compensation_proof = Varchar(length=80, default="")
    override = BigInt(default=None, null=True)

    uq_claim_payee_movement = Unique([movement])
    uq_claim_payee_override = Unique([override])
    ck_claim_payee_kind = Check("beneficiary_kind in ('insured','third_party','mortgagee')")


class ClaimOverride(Table, tablename="claim_override"):
    """A named person answers for one more payment to a beneficiary (重复付款放行)."""

    id = BigSerial(primary_key=True)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    number = Integer(default=None, null=False)
    beneficiary_name = Varchar(length=120, default=None, null=False)
    beneficiary_uscc = Varchar(length=18, default="")
    amount_max_fen = BigInt(default=None, null=False)
    reason = Text(default=None, null=False)
    granted_at = Timestamptz(default=None, null=False)
    granted_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)

    uq_claim_override_claim_number = Unique([claim, number])
    ck_claim_override_amount = Check("amount_max_fen > 0 and reason <> ''")
