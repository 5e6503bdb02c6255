"""Tables of statements, disputes and settlement runs. Amounts in fen.

A statement holds no lines of its own: they are the ledger's, fixed by period and seal, so that
what was stated and what was booked cannot differ.
"""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
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

from coinsurance.tables.pools import PoolAgreement, PoolYear
from coinsurance.tables.premiums import Obligation
from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class StatementPeriod(Table, tablename="statement_period"):
    """A closed period of a pool year (对账期): the seal says which entries it takes up.

    It covers the entries of its months and before that a seal up to `seal` holds and that no
    period before it covers; what is booked late comes into the next one.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=60, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    agreement = ForeignKey(
        PoolAgreement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    period = Varchar(length=7, default=None, null=False)
    edition = Integer(default=None, null=False)
    from_month = Varchar(length=7, default=None, null=False)
    to_month = Varchar(length=7, default=None, null=False)
    previous = BigInt(default=None, null=True)
    seal = BigInt(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    hash = Varchar(length=64, default="")
    revision = Integer(default=1)
    prepared_at = Timestamptz(default=None, null=False)
    prepared_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    issued_at = Timestamptz(default=None, null=True)
    issued_by = BigInt(default=None, null=True)

    uq_statement_period_number = Unique([number])
    uq_statement_period_year_edition = Unique([pool_year, period, edition])
    ck_statement_period_status = Check(
        "status in ('draft','issued','cancelled') and (issued_at is null) = (issued_by is null)"
        " and (status <> 'issued' or (issued_at is not null and hash <> ''))"
    )
    ck_statement_period_months = Check("from_month <= to_month")


class Statement(Table, tablename="statement"):
    """The statement of one party for one period (结算单).

    Positive: the party owes the pool. `disputed_fen` is the part of what is carried forward that
    stands on the side account.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    period = ForeignKey(
        StatementPeriod, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    position = Integer(default=None, null=False)
    edition = Integer(default=None, null=False)
    replaces = BigInt(default=None, null=True)
    status = Varchar(length=20, default=None, null=False)
    brought_forward_fen = BigInt(default=None, null=False)
    items_fen = BigInt(default=None, null=False)
    settled_fen = BigInt(default=None, null=False)
    carried_forward_fen = BigInt(default=None, null=False)
    disputed_fen = BigInt(default=None, null=False)
    line_count = Integer(default=None, null=False)
    content = JSONB(default=None, null=False)
    hash = Varchar(length=64, default=None, null=False)
    answer_due_on = Date(default=None, null=True)
    revision = Integer(default=1)
    approved_at = Timestamptz(default=None, null=True)
    approved_by = BigInt(default=None, null=True)
    issued_at = Timestamptz(default=None, null=True)
    answered_at = Timestamptz(default=None, null=True)
    answered_by = BigInt(default=None, null=True)

    uq_statement_number = Unique([number])
    uq_statement_period_party_edition = Unique([period, organisation, edition])
    ck_statement_sum = Check(
        "carried_forward_fen = brought_forward_fen + items_fen - settled_fen and line_count >= 0"
    )
    ck_statement_status = Check(
        "status in ('draft','approved','issued','acknowledged','part_disputed','agreed','settled',"
        "'cancelled')"
    )


class Dispute(Table, tablename="dispute"):
    """A line of a statement that a member disputes (争议), on the side account until decided.

    `counterparty`: who bears the amount if the dispute is upheld. `level` counts the rungs of the
    agreement's ladder.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    statement = ForeignKey(
        Statement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    counterparty = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    entry = BigInt(default=None, null=False)
    line = BigInt(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    reason = Text(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    level = Integer(default=None, null=False)
    level_due_on = Date(default=None, null=True)
    outcome = Text(default="")
    revision = Integer(default=1)
    opened_at = Timestamptz(default=None, null=False)
    opened_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)
    closed_by = BigInt(default=None, null=True)

    uq_dispute_number = Unique([number])
    ck_dispute_status = Check(
        "status in ('open','escalated','upheld','dismissed','referred','withdrawn')"
        " and (status in ('upheld','dismissed','withdrawn')) = (closed_at is not null)"
    )
    ck_dispute_amount = Check("amount_fen <> 0 and level >= 1 and organisation <> counterparty")


class DisputeRung(Table, tablename="dispute_rung"):
    """A level of the ladder that a dispute reached, with its clock."""

    id = BigSerial(primary_key=True)
    dispute = ForeignKey(Dispute, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    level = Integer(default=None, null=False)
    name = Varchar(length=80, default=None, null=False)
    started_on = Date(default=None, null=False)
    due_on = Date(default=None, null=True)
    due_days = Integer(default=None, null=False)
    due_calendar = Varchar(length=10, default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)

    uq_dispute_rung_dispute_level = Unique([dispute, level])


class ObligationHold(Table, tablename="obligation_hold"):
    """The part of an obligation that a dispute holds back: neither settled nor overdue.

    `state` held, released (dismissed: it is owed again) or struck (upheld: it is owed no more).
    A dispute may hold an obligation twice: what a payment that failed leaves comes on top.
    """

    id = BigSerial(primary_key=True)
    obligation = ForeignKey(
        Obligation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    dispute = ForeignKey(Dispute, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    state = Varchar(length=10, default=None, null=False)

    ck_obligation_hold_state = Check("state in ('held','released','struck') and amount_fen > 0")


class SettlementRun(Table, tablename="settlement_run"):
    """A run that pays what is due in one pool year (清算批次), with its proof.

    `proof`: positions of every member before and after; they are the same, and sum to zero.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    method = Varchar(length=20, default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)
    due_until = Date(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    gross_fen = BigInt(default=None, null=False)
    cash_fen = BigInt(default=None, null=False)
    proof = JSONB(default=None, null=False)
    hash = Varchar(length=64, default=None, null=False)
    file_hash = Varchar(length=64, default="")
    revision = Integer(default=1)
    prepared_at = Timestamptz(default=None, null=False)
    prepared_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    agreed_at = Timestamptz(default=None, null=True)
    agreed_by = BigInt(default=None, null=True)

    uq_settlement_run_number = Unique([number])
    ck_settlement_run_method = Check("method in ('gross','bilateral','multilateral')")
    ck_settlement_run_status = Check(
        "status in ('proposed','agreed','instructed','part_confirmed','confirmed','failed',"
        "'cancelled')"
    )
    ck_settlement_run_fen = Check("cash_fen between 0 and gross_fen and gross_fen > 0")


class PaymentInstruction(Table, tablename="payment_instruction"):
    """A payment of one member to another (付款指令); `reference` is what the bank carries back."""

    id = BigSerial(primary_key=True)
    run = ForeignKey(
        SettlementRun, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    reference = Varchar(length=30, default=None, null=False)
    payer = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    payee = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    payer_account = Varchar(length=40, default="")
    payee_account = Varchar(length=40, default="")
    amount_fen = BigInt(default=None, null=False)
    paid_fen = BigInt(default=None, null=False)
    status = Varchar(length=12, default=None, null=False)
    failure = Varchar(length=200, default="")

    uq_payment_instruction_run_number = Unique([run, number])
    uq_payment_instruction_reference = Unique([reference])
    ck_payment_instruction_fen = Check(
        "amount_fen > 0 and paid_fen between 0 and amount_fen and payer <> payee"
    )
    ck_payment_instruction_status = Check(
        "(status in ('pending','failed','cancelled') and paid_fen = 0)"
        " or (status in ('part_paid','part_failed') and paid_fen between 1 and amount_fen - 1)"
        " or (status = 'paid' and paid_fen = amount_fen)"
    )


class SettlementPart(Table, tablename="settlement_part"):
    """How much of an obligation a run discharges, and by what.

    `instruction` empty: by set-off in a circle of debts, without cash, when the run is agreed.
    """

    id = BigSerial(primary_key=True)
    run = ForeignKey(
        SettlementRun, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    obligation = ForeignKey(
        Obligation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    instruction = ForeignKey(
        PaymentInstruction, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    chain = Integer(default=None, null=False)
    hop = Integer(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)

    ck_settlement_part_fen = Check("amount_fen > 0 and chain >= 0 and hop >= 0")


class Discharge(Table, tablename="discharge"):
    """An obligation paid, set off or taken over (清偿): how much, when, by what; negative: undone.

    A payment has its entry, with or without a run; a set-off has its run and moves no money; what
    others took over of a defaulter's debt has the entry of the charge.
    """

    id = BigSerial(primary_key=True)
    obligation = ForeignKey(
        Obligation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    kind = Varchar(length=10, default=None, null=False)
    run = ForeignKey(
        SettlementRun, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    instruction = ForeignKey(
        PaymentInstruction, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    entry = BigInt(default=None, null=True)
    reference = Varchar(length=80, default="")
    amount_fen = BigInt(default=None, null=False)
    settled_on = Date(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)

    ck_discharge_way = Check(
        "(kind = 'payment' and entry is not null)"
        " or (kind = 'takeover' and entry is not null and run is null and instruction is null)"
        " or (kind = 'set_off' and run is not null and entry is null and instruction is null)"
    )
    ck_discharge_fen = Check("amount_fen <> 0")
