"""Tables of shortfalls that others took over by resolution (违约缺口分担). Fen, units of 10^8."""

from __future__ import annotations

from piccolo.columns import BigInt, BigSerial, Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from coinsurance.tables.pools import ConsentRequest, PoolMember, PoolYear
from coinsurance.tables.premiums import Obligation
from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class ShortfallCharge(Table, tablename="shortfall_charge"):
    """What a defaulter left open and others took over, by consent and resolution.

    `amount_fen` is the sum of its parts; `reversal_of` mirrors one charge, once.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    member = ForeignKey(
        PoolMember, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    consent = ForeignKey(
        ConsentRequest, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    resolution_number = Varchar(length=80, default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    effective_on = Date(default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)
    reason = Text(default=None, null=False)
    reversal_of = BigInt(default=None, null=True)
    entry = BigInt(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_shortfall_charge_number = Unique([number])
    uq_shortfall_charge_reversal_of = Unique([reversal_of])
    ck_shortfall_charge_amount = Check(
        "(amount_fen > 0 and reversal_of is null) or (amount_fen < 0 and reversal_of is not null)"
    )


class ShortfallPart(Table, tablename="shortfall_part"):
    """A member's part of one debt of the defaulter, by its signed share among those who bear it.

    The creditor's own part is borne by staying unpaid: it is shown, and owed by the defaulter as
    before. `exact` is the entitlement to date as a fraction.
    """

    id = BigSerial(primary_key=True)
    charge = ForeignKey(
        ShortfallCharge, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    obligation = ForeignKey(
        Obligation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    share_units = BigInt(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    to_date_fen = BigInt(default=None, null=False)
    exact_numerator = Text(default=None, null=False)
    exact_denominator = Text(default=None, null=False)

    uq_shortfall_part_charge_obligation_organisation = Unique([charge, obligation, organisation])
    ck_shortfall_part_units = Check("share_units between 0 and 100000000")
