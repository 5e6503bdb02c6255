"""Premium received (保费收款) by source: entered by the insurer, or paid by a scheme here."""

from __future__ import annotations

from datetime import date
from typing import Any

from catalogue.books import subsidy_book
from catalogue.policies.records import PolicyRow
from catalogue.policy_forms import ReceiptForm
from catalogue.rules.policies import ReceiptFacts
from catalogue.rules.subsidy.nouns import Instrument
from service.auth import Actor
from service.kernel import journal
from service.kernel.bank_accounts import fold_account
from service.kernel.calendar import now, today
from service.kernel.db import sql_row, sql_value
from service.kernel.numbering import normalise_uscc

OWN = "own"


DIRECT = Instrument.PREMIUM_DIRECT_PAY.value
COLUMNS = (
    *("policy", "source", "amount_fen", "received_on", "payer_name", "payer_uscc"),
    *("payer_account", "invoice_number", "invoiced_on", "bank_reference", "recorded_at"),
    "recorded_by",
)


def under_way_sql(policy: str, instrument: str) -> str:
    """The premium of a policy in payment batches that the bank has not answered, as a query."""
    return (
        "SELECT coalesce(sum(i.amount_fen), 0)::bigint FROM payment_item i"
        " JOIN application_line l ON l.id = i.application_line"
        f" JOIN application a ON a.id = l.application WHERE l.policy = {policy}"
        " AND i.status = 'pending' AND i.payee_kind = 'insurer'"
        f" AND a.assessment #>> '{{result,instrument}}' = {instrument}"
    )


def taken_sql(policy: str, instrument: str) -> str:
    """What of a policy's premium was received or is being paid by a scheme, as an expression.

    `policy` and `instrument` (DIRECT) are parameters of the statement that it stands in.
    """
    return (
        "(SELECT coalesce(sum(amount_fen), 0)::bigint FROM premium_receipt"
        f" WHERE policy = {policy}) + ({under_way_sql(policy, instrument)})"
    )


async def left_fen(policy: PolicyRow) -> int:
    """The premium still due; what a scheme is paying to the insurer now is taken off already."""
    taken: int = await sql_value(f"SELECT {taken_sql('$1', '$2')}", policy.id, DIRECT)
    return policy.current_premium_fen - taken


async def under_way_fen(policy_id: int) -> int:
    """Premium in payment batches that the bank has not answered."""
    found: int = await sql_value(under_way_sql("$1", "$2"), policy_id, DIRECT)
    return found


async def facts_of(form: ReceiptForm, due_fen: int) -> ReceiptFacts:
    """What the rule about receipts looks at; the same for one receipt and for a file of them."""
    known, paid_here = None, False
    if form.source != OWN:
        rule = await sql_row("SELECT rule_version FROM scheme WHERE code = $1", form.source)
        known = rule is not None
        if rule is not None:
            rules = (await subsidy_book(rule["rule_version"])).rules
            paid_here = rules.instrument == Instrument.PREMIUM_DIRECT_PAY
    return ReceiptFacts(
        amount_fen=form.amount_fen,
        received_on=form.received_on,
        today=today(),
        left_fen=due_fen,
        source=form.source,
        source_known=known,
        paid_here=paid_here,
        payer_uscc=form.payer_uscc,
        payer_account=form.payer_account,
        invoiced_on=form.invoiced_on,
    )


async def write(actor: Actor, policy_id: int, form: ReceiptForm) -> None:
    """Write a receipt that was found right."""
    marks = ", ".join(f"${n}" for n in range(1, len(COLUMNS) + 1))
    receipt = await sql_value(
        f"INSERT INTO premium_receipt ({', '.join(COLUMNS)}) VALUES ({marks}) RETURNING id",
        *row_of(actor, policy_id, form),
    )
    await _journal(actor, policy_id, receipt, form.source, form.amount_fen, form.received_on)


def row_of(actor: Actor, policy_id: int, form: ReceiptForm) -> tuple[Any, ...]:
    """The values of `COLUMNS` for a receipt that was found right.

    For a statement that writes the receipt together with what follows from it; everybody else
    calls :func:`write`.
    """
    return (
        policy_id,
        form.source,
        form.amount_fen,
        form.received_on,
        form.payer_name,
        normalise_uscc(form.payer_uscc) if form.payer_uscc else "",
        fold_account(form.payer_account),
        form.invoice_number,
        form.invoiced_on,
        form.bank_reference,
        now(),
        actor.user_id,
    )


def event_of(actor: Actor, policy_id: int, receipt: int, form: ReceiptForm) -> tuple[Any, ...]:
    """The event that goes with `row_of`, as the journal's columns."""
    return journal.event_row(
        actor,
        "policy",
        str(policy_id),
        "receive_premium",
        facts={"receipt": receipt, "source": form.source, "amount_fen": form.amount_fen},
        effective_on=form.received_on,
    )


async def write_direct(actor: Actor, policy_id: int, scheme: str, item: Any, result: Any) -> None:
    """What a scheme paid to the insurer is premium of that source, once for each payment.

    Premium that is no longer due by now, because the policy was reduced while the bank was
    paying, goes back to the scheme at once.
    """
    policy = await sql_row(
        "SELECT current_premium_fen, (SELECT coalesce(sum(amount_fen), 0)::bigint FROM"
        " premium_receipt WHERE policy = $1) AS received_fen FROM policy WHERE id = $1 FOR UPDATE",
        policy_id,
    )
    assert policy is not None
    receipt = await sql_value(
        "INSERT INTO premium_receipt (policy, source, amount_fen, received_on, payer_name,"
        " payer_uscc, payer_account, invoice_number, bank_reference, payment_item, recorded_at,"
        " recorded_by) SELECT $1, $2, $3, $4, o.name, o.uscc, '', '', $5, $6, $7, $8"
        " FROM organisation o WHERE o.id = $9 RETURNING id",
        policy_id,
        scheme,
        item["amount_fen"],
        result.paid_on,
        result.bank_reference,
        item["id"],
        now(),
        actor.user_id,
        actor.organisation_id,
    )
    await _journal(actor, policy_id, receipt, scheme, item["amount_fen"], result.paid_on)
    after_fen = policy["received_fen"] + item["amount_fen"]
    above_fen = min(item["amount_fen"], after_fen - policy["current_premium_fen"])
    if above_fen > 0:
        await give_back(actor, receipt, above_fen, result.paid_on)


async def give_back(actor: Actor, receipt_id: int, amount_fen: int, day: date) -> None:
    """Turn part of a receipt around: the source gets it back, never more than it paid."""
    row = await sql_row(
        "INSERT INTO premium_receipt (policy, source, amount_fen, received_on, payer_name,"
        " payer_uscc, payer_account, invoice_number, bank_reference, refund_of, recorded_at,"
        " recorded_by) SELECT policy, source, $2, $3, payer_name, payer_uscc, payer_account, '',"
        " '', id, $4, $5 FROM premium_receipt WHERE id = $1 RETURNING id, policy, source",
        receipt_id,
        -amount_fen,
        day,
        now(),
        actor.user_id,
    )
    assert row is not None
    await journal.record(
        actor,
        "policy",
        str(row["policy"]),
        "give_back_premium",
        facts={"receipt": row["id"], "source": row["source"], "amount_fen": -amount_fen},
        effective_on=day,
    )


async def _journal(
    actor: Actor, policy_id: int, receipt: int, source: str, amount_fen: int, day: date
) -> None:
    await journal.record(
        actor,
        "policy",
        str(policy_id),
        "receive_premium",
        facts={"receipt": receipt, "source": source, "amount_fen": amount_fen},
        effective_on=day,
    )
