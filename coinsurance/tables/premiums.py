"""Tables of pool premium: movements with parts, endorsements, obligations between members. Fen."""

from __future__ import annotations

from piccolo.columns import (
    BigInt,
    BigSerial,
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

from catalogue.tables.policies import PremiumReceipt
from coinsurance.tables.placements import Placement
from coinsurance.tables.pools import PoolYear, ShareSchedule
from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class PremiumMovement(Table, tablename="premium_movement"):
    """A movement of premium over the pool (保费变动), in one series per placement.

    `receipt` takes up a receipt of the policy (negative: a refund); `reversal` mirrors one
    movement, once; `share_change` moves premium between members and sums to zero.
    """

    id = BigSerial(primary_key=True)
    placement = ForeignKey(
        Placement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    kind = Varchar(length=20, default=None, null=False)
    policy_receipt = ForeignKey(
        PremiumReceipt, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    reversal_of = BigInt(default=None, null=True)
    schedule = ForeignKey(
        ShareSchedule, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    source = Varchar(length=40, default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    effective_on = Date(default=None, null=False)
    reference = Varchar(length=80, default=None, null=False)
    holder = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    entry = BigInt(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_premium_movement_placement_number = Unique([placement, number])
    uq_premium_movement_policy_receipt = Unique([policy_receipt])
    uq_premium_movement_reversal_of = Unique([reversal_of])
    uq_premium_movement_placement_reference = Unique([placement, reference])
    ck_premium_movement_kind = Check(
        "(kind = 'receipt' and policy_receipt is not null and reversal_of is null)"
        " or (kind = 'reversal' and reversal_of is not null)"
        " or (kind = 'share_change' and schedule is not null and amount_fen = 0)"
    )


class PremiumPart(Table, tablename="premium_part"):
    """A member's part of a movement: premium, or a fee or tax on its own base.

    `exact` is the entitlement to date as a fraction, so that every fen can be explained.
    """

    id = BigSerial(primary_key=True)
    movement = ForeignKey(
        PremiumMovement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    component = Varchar(length=20, default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    to_date_fen = BigInt(default=None, null=False)
    exact_numerator = Text(default=None, null=False)
    exact_denominator = Text(default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)

    uq_premium_part_movement_organisation_component = Unique([movement, organisation, component])
    ck_premium_part_component = Check(
        "component in ('premium','lead_fee','lead_fee_tax','broker_fee','admin_fee','premium_tax')"
    )


class PlacementEndorsement(Table, tablename="placement_endorsement"):
    """An endorsement of a placement (共保批改): put to the members, then issued on the policy.

    `section` empty: all sections. `endorsement` is the policy's own, once it is issued; an undo
    names what it undoes. What was asked consent for never changes.
    """

    id = BigSerial(primary_key=True)
    placement = ForeignKey(
        Placement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    kind = Varchar(length=20, default=None, null=False)
    method = Varchar(length=12, default=None, null=False)
    effective_on = Date(default=None, null=False)
    premium_change_fen = BigInt(default=None, null=False)
    sum_change_fen = BigInt(default=None, null=False)
    new_end_on = Date(default=None, null=True)
    section = BigInt(default=None, null=True)
    reason = Text(default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)
    undoes = BigInt(default=None, null=True)
    status = Varchar(length=20, default=None, null=False)
    endorsement = BigInt(default=None, null=True)
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_placement_endorsement_placement_number = Unique([placement, number])
    uq_placement_endorsement_endorsement = Unique([endorsement])
    ck_placement_endorsement_kind = Check(
        "kind in ('additional_premium','return_premium','sum_change','cancel','reinstate','undo')"
        " and (undoes is not null) = (kind in ('reinstate','undo'))"
    )
    ck_placement_endorsement_method = Check("method in ('stated','pro_rata','ab_initio')")
    ck_placement_endorsement_status = Check(
        "status in ('proposed','consented','refused','withdrawn','issued')"
        " and (status = 'issued') = (endorsement is not null)"
    )


class Obligation(Table, tablename="obligation"):
    """What one member owes another (应付), ring-fenced by year and kind, with its due day.

    Premium to be remitted, fees, reimbursement of claims, interest. Paid by settlements.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    placement = ForeignKey(
        Placement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    kind = Varchar(length=30, default=None, null=False)
    debtor = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    creditor = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    amount_fen = BigInt(default=None, null=False)
    settled_fen = BigInt(default=None, null=False)
    arose_on = Date(default=None, null=False)
    due_on = Date(default=None, null=True)
    due_days = Integer(default=None, null=False)
    due_calendar = Varchar(length=10, default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)
    cause_kind = Varchar(length=30, default=None, null=False)
    cause = BigInt(default=None, null=False)
    entry = BigInt(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)

    uq_obligation_number = Unique([number])
    ck_obligation_amount = Check(
        "amount_fen > 0 and settled_fen between 0 and amount_fen and debtor <> creditor"
    )
    ck_obligation_kind = Check(
        "kind in ('premium_remittance','premium_return','lead_fee','admin_fee',"
        "'claim_reimbursement','cash_call','recovery_share','expense_share','interest',"
        "'share_adjustment')"
    )
    ck_obligation_status = Check("status in ('open','part_settled','settled','disputed','void')")
    ck_obligation_calendar = Check("due_calendar in ('calendar','working')")
