"""Payments and advances to the insured and to third parties (赔款、预付赔款).

One statement reads, one writes, and only if the claim still has the revision that was read and no
other claim was paid for the same loss meanwhile. So of two payments at once one wins; the other is
worked out again, with loss and claim locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

from coinsurance.claim_forms import OverrideForm, PaymentForm, ReversalForm
from coinsurance.claim_shapes import ClaimState, OverrideState
from coinsurance.claims import alerts, moving, payment_facts
from coinsurance.claims.cover import lefts_of
from coinsurance.claims.debts import REIMBURSEMENT, owed_for, reimbursement
from coinsurance.claims.payment_facts import Facts
from coinsurance.claims.rows import (
    Found,
    SectionRow,
    handled,
    pick,
    roles_of_handler,
    sections_of,
)
from coinsurance.claims.storing import store_if_unmoved
from coinsurance.claims.writes import Payee, Stored, Write
from coinsurance.rules.claims.authority import judge
from coinsurance.rules.claims.movements import (
    PaymentFacts,
    call_used,
    check_payment,
    paid_event,
    parts_of,
)
from coinsurance.rules.claims.nouns import MovementKind
from coinsurance.rules.claims.payees import (
    Party,
    PayeeFacts,
    check_payee,
    folded,
    usable_override,
)
from coinsurance.rules.claims.workflow import CLAIM
from service.auth import Actor
from service.kernel import journal
from service.kernel.bank_accounts import fold_account
from service.kernel.calendar import now, today
from service.kernel.db import in_work, sql, sql_value, work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, blockers
from service.kernel.numbering import normalise_uscc


async def pay(actor: Actor, number: str, form: PaymentForm) -> ClaimState:
    """Pay what was agreed, or an advance before agreement; the handler pays with its own money.

    Every member's part is its share of the loss day by the cumulative rule; followers owe it to the
    handler within the agreed days. Raises Refused with every finding, Conflict for a bank reference
    that was recorded before.
    """
    state = await _pay_if_unmoved(actor, number, form)
    if state is None:
        async with work():
            await payment_facts.hold_loss(number)
            found = await handled(actor, number)
            pick(await sections_of(found.id), form.section)
            state = await _pay_if_unmoved(actor, number, form)
    if state is None:
        raise Conflict("conflict.status_moved")
    return state


async def _pay_if_unmoved(actor: Actor, number: str, form: PaymentForm) -> ClaimState | None:
    """The payment on what is read now; None, and nothing written, where that has moved."""
    party = _beneficiary(form)
    seen = await payment_facts.read(actor, number, form.section, party, form.payee_account)
    if seen is None:
        return None
    found, sections, section, facts = seen
    payee = _payee_facts(actor, form, party, facts, found)
    checks = await _checks(found, sections, section, form, payee)
    if blockers(checks):
        raise Refused(checks)
    write = _write(found, sections, section, facts, form, payee)
    large = alerts.may_be_large(found, form.amount_fen, sections)
    async with work() if large or in_work() else nullcontext():
        stored = await store_if_unmoved(actor, found, section, write)
        if large and stored is not None:
            await alerts.raise_if_large(actor, number)
    if stored is None:
        return None
    return _state(found, sections, section, write, stored, checks)


async def _checks(
    found: Found,
    sections: list[SectionRow],
    section: SectionRow,
    form: PaymentForm,
    payee: PayeeFacts,
) -> list[Finding]:
    kind = MovementKind.ADVANCE if form.advance else MovementKind.PAYMENT
    advance_max_fen, advance_findings = 0, tuple[Finding, ...]()
    if form.advance:
        advance_max_fen = await _advance_max(found, section)
        advance_findings = await _advance_authority(found, sections, form.amount_fen)
    facts = PaymentFacts(
        found.status,
        kind,
        form.amount_fen,
        section.money,
        form.paid_on or today(),
        (found.row["agreed_on"] if not form.advance else None) or found.row["loss_on"],
        today(),
        advance_max_fen,
        advance_findings,
    )
    return [*check_payment(facts), *check_payee(payee)]


async def _advance_max(found: Found, section: SectionRow) -> int:
    """What the section can pay for this loss at most; once assessed, what was assessed."""
    left_fen = (await lefts_of(found, [section]))[section.code]
    most_fen = section.limit_fen if left_fen is None else min(section.limit_fen, left_fen)
    return min(most_fen, section.assessed_fen) if found.row["assessment"] else most_fen


async def _advance_authority(
    found: Found, sections: list[SectionRow], amount_fen: int
) -> tuple[Finding, ...]:
    """Advances count against what the handler may decide alone, all of them together."""
    to_date_fen = sum(each.paid_fen for each in sections) + amount_fen
    terms = found.terms
    verdict = judge(
        terms.authority if terms else (),
        await roles_of_handler(found),
        to_date_fen,
        found.row["flags"],
        found.clause("authority"),
        members=2 if found.in_pool else 1,
    )
    return () if verdict.alone else verdict.findings


def _beneficiary(form: PaymentForm | OverrideForm) -> Party:
    return Party(form.beneficiary_name, normalise_uscc(form.beneficiary_uscc))


def _payee_facts(
    actor: Actor, form: PaymentForm, beneficiary: Party, facts: Facts, found: Found
) -> PayeeFacts:
    return PayeeFacts(
        form.beneficiary_kind,
        beneficiary,
        form.payee_name,
        form.payee_account,
        form.amount_fen,
        actor.user_id,
        form.authority_reference,
        form.compensation_proof,
        facts.earlier,
        facts.overrides,
        Party(found.row["insured_name"], found.row["insured_uscc"]),
    )


def _write(
    found: Found,
    sections: list[SectionRow],
    section: SectionRow,
    facts: Facts,
    form: PaymentForm,
    payee: PayeeFacts,
) -> Write:
    day = form.paid_on or today()
    reserve_fen = -min(form.amount_fen, section.reserve_fen)
    parts = parts_of(
        facts.members,
        section.paid_fen + form.amount_fen,
        reserve_to_date_fen=section.reserve_fen + reserve_fen,
    )
    used, uses = _use_calls(found, facts, {p.organisation_id: p.amount_fen for p in parts})
    kind = MovementKind.ADVANCE if form.advance else MovementKind.PAYMENT
    due = reimbursement(found, day, form.papers_on)
    authorise_fen = 0
    if form.advance:
        authorise_fen = max(0, section.paid_fen + form.amount_fen - section.authorised_fen)
    return Write(
        kind,
        form.amount_fen,
        reserve_fen,
        day,
        found.clause("reimbursement"),
        parts,
        found.row["handler"],
        "advance" if form.advance else "pay_more",
        event=_event(found, sections, form.amount_fen),
        papers_on=form.papers_on,
        reference=form.reference,
        note=form.note,
        lines=moving.lines_of(found, "claim_payment", parts),
        owed=owed_for(found, REIMBURSEMENT, parts, due, covered=used),
        called=used,
        call_uses=uses,
        payee=_payee(form, payee, facts),
        authorise_fen=authorise_fen,
        facts={"section": section.code, "beneficiary": form.beneficiary_name},
        paid_elsewhere=facts.elsewhere,
    )


def _event(found: Found, sections: list[SectionRow], amount_fen: int) -> str:
    left_fen = sum(each.authorised_fen - each.paid_fen for each in sections) - amount_fen
    paid_fen = sum(each.paid_fen for each in sections) + amount_fen
    return paid_event(found.status, max(0, left_fen), paid_fen) or ""


def _use_calls(
    found: Found, facts: Facts, parts: Mapping[int, int]
) -> tuple[dict[int, int], dict[int, int]]:
    """What cash calls have already asked for: by member, and by part of a call, oldest first."""
    if not facts.calls:
        return {}, {}
    called: dict[int, int] = {}
    for _, member, fen in facts.calls:
        called[member] = called.get(member, 0) + fen
    handler = found.row["handler"]
    used = call_used({m: fen for m, fen in parts.items() if m != handler}, called)
    left, uses = dict(used), dict[int, int]()
    for part, member, fen in facts.calls:
        take = min(fen, left.get(member, 0))
        if take:
            uses[part] = take
            left[member] -= take
    return used, uses


def _payee(form: PaymentForm, payee: PayeeFacts, facts: Facts) -> Payee:
    second = any(payee.beneficiary.is_same_as(each.beneficiary) for each in facts.earlier)
    override = usable_override(payee) if second else None
    return Payee(
        form.beneficiary_kind.value,
        form.beneficiary_name,
        folded(form.beneficiary_name),
        payee.beneficiary.uscc,
        form.payee_name,
        fold_account(form.payee_account),
        form.bank_name,
        form.authority_reference,
        form.compensation_proof,
        override.id if override else None,
    )


def _state(
    found: Found,
    sections: list[SectionRow],
    section: SectionRow,
    write: Write,
    stored: Stored,
    checks: list[Finding],
) -> ClaimState:
    """The state after a payment, from what is known: no further reading."""

    def total(name: str, change_fen: int = 0) -> int:
        return sum(getattr(each, name) for each in sections) + change_fen

    amount_fen = write.amount_fen
    agreed = [each.agreed_fen for each in sections if each.agreed_fen is not None]
    return ClaimState(
        found.number,
        stored.status,
        CLAIM.label(stored.status),
        stored.revision,
        total("assessed_fen"),
        sum(agreed) if agreed else None,
        total("paid_fen", amount_fen),
        total("authorised_fen") + write.authorise_fen - total("paid_fen", amount_fen),
        total("reserve_fen", write.reserve_change_fen),
        total("expense_fen"),
        total("recovered_fen"),
        found.row["payment_due_on"],
        movement=stored.shape,
        findings=[finding.as_dict() for finding in checks],
    )


async def reverse_payment(
    actor: Actor, number: str, movement: int, form: ReversalForm
) -> ClaimState:
    """Reverse a payment or an advance by its mirror, once; what it used of calls is free again."""
    return await moving.reverse(
        actor, number, movement, form, MovementKind.PAYMENT, MovementKind.ADVANCE
    )


async def override(actor: Actor, number: str, form: OverrideForm) -> OverrideState:
    """A manager answers for one more payment to a beneficiary; another person then makes it."""
    async with work():
        found = await handled(actor, number)
        serial = await sql_value(
            "SELECT count(*) + 1 FROM claim_override WHERE claim = $1", found.id
        )
        await sql(
            "INSERT INTO claim_override (claim, number, beneficiary_name, beneficiary_uscc,"
            " amount_max_fen, reason, granted_at, granted_by)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            found.id,
            serial,
            form.beneficiary_name,
            _beneficiary(form).uscc,
            form.amount_max_fen,
            form.reason,
            now(),
            actor.user_id,
        )
        await journal.record(
            actor,
            "claim",
            number,
            "override",
            note=form.reason,
            facts={
                "number": serial,
                "beneficiary": form.beneficiary_name,
                "amount_max_fen": form.amount_max_fen,
            },
        )
    return OverrideState(
        number, serial, form.beneficiary_name, form.amount_max_fen, actor.name
    )

