"""Recording policies: a new one, premium received, disputes and their answers, losses paid."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.policies import keepers, receipts, records
from catalogue.policies import texts as _texts  # noqa: F401  registers the texts
from catalogue.policies.preparing import Prepared, prepare
from catalogue.policies.records import number_key
from catalogue.policy_forms import DisputeForm, LossForm, PolicyForm, ReceiptForm
from catalogue.rules.policies import check_receipt
from catalogue.rules.subsidy.workflow import POLICY
from catalogue.tables import Policy
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, blocker, blockers


@dataclass(frozen=True, slots=True)
class PolicyState:
    """Where a policy stands after a step. Amounts in fen."""

    id: int
    number: str
    status: str
    revision: int
    current_premium_fen: int
    current_sum_fen: int


async def state_of(policy_id: int) -> PolicyState:
    """The state of a policy as stored."""
    row = await sql_row(
        "SELECT id, number, status, revision, current_premium_fen, current_sum_fen FROM policy"
        " WHERE id = $1",
        policy_id,
    )
    assert row is not None
    return PolicyState(**row)


async def record_policy(actor: Actor, form: PolicyForm) -> PolicyState:
    """Record a policy of the actor's insurer on its product, checked against what was filed.

    Refused with every finding; the same number of the same insurer is a conflict.
    """
    async with work():
        policy_id = await write_policy(actor, await prepare(actor, form))
    return await state_of(policy_id)


async def write_policy(actor: Actor, prepared: Prepared) -> int:
    """Write a prepared policy and return its key; Refused when something stands against it."""
    if blockers(prepared.findings):
        raise Refused(prepared.findings)
    async with work():
        policy_id = await _insert(actor, prepared)
        await _insert_parts(policy_id, prepared)
        await journal.record(
            actor,
            "policy",
            str(policy_id),
            "record",
            to_status="recorded",
            note=prepared.form.note,
            facts={
                "number": prepared.form.number,
                "warnings": [f.code for f in prepared.findings],
            },
            effective_on=prepared.form.start_on,
        )
    return policy_id


async def _insert(actor: Actor, prepared: Prepared) -> int:
    form = prepared.form
    policy_id: int | None = await sql_value(
        "INSERT INTO policy (number, number_key, insurer, product, version, insured,"
        " insured_object, status, start_on, end_on, sum_insured_fen, limit_fen, rate_ppm,"
        " premium_fen, current_sum_fen, current_premium_fen, current_end_on, revision,"
        " recorded_at, recorded_by, note) VALUES ($1, $2, $3, $4, $5, $6, $7, 'recorded', $8, $9,"
        " $10, $11, $12, $13, $10, $13, $9, 1, $14, $15, $16)"
        " ON CONFLICT (insurer, number_key) DO NOTHING RETURNING id",
        form.number,
        number_key(form.number),
        actor.organisation_id,
        prepared.product_id,
        prepared.version_id,
        prepared.insured_id,
        prepared.object_id,
        form.start_on,
        form.end_on,
        form.sum_insured_fen,
        form.limit_fen,
        form.rate_ppm,
        form.premium_fen,
        now(),
        actor.user_id,
        form.note,
    )
    if policy_id is None:
        raise Conflict("policy.number_twice", field="number", number=form.number)
    return policy_id


async def _insert_parts(policy_id: int, prepared: Prepared) -> None:
    await sql_many(
        "INSERT INTO policy_insurer (policy, insurer, position, share_units)"
        " VALUES ($1, $2, $3, $4)",
        [
            (policy_id, insurer_id, position, insurer.share_units)
            for position, (insurer_id, insurer) in enumerate(
                zip(prepared.insurer_ids, prepared.insurers, strict=True), 1
            )
        ],
    )
    await sql_many(
        "INSERT INTO instalment (policy, number, due_on, amount_fen) VALUES ($1, $2, $3, $4)",
        [
            (policy_id, n, i.due_on, i.amount_fen)
            for n, i in enumerate(prepared.form.instalments, 1)
        ],
    )


async def receive_premium(actor: Actor, policy_id: int, form: ReceiptForm) -> PolicyState:
    """Record premium received from one funding source; never more than the premium that is due."""
    async with work():
        policy = await records.recorded_row(actor, policy_id)
        await keepers.need_own(policy_id)
        found = check_receipt(await receipts.facts_of(form, await receipts.left_fen(policy)))
        if blockers(found):
            raise Refused(found)
        await receipts.write(actor, policy_id, form)
    return await state_of(policy_id)


async def confirm(actor: Actor, policy_id: int) -> PolicyState:
    """The insured says that the recorded policy is right."""
    return await _step(actor, policy_id, "confirm", "")


async def dispute(actor: Actor, policy_id: int, form: DisputeForm) -> PolicyState:
    """The insured says what is wrong (异议); the policy stays disputed until it is settled."""
    async with work():
        state = await _step(actor, policy_id, "dispute", form.text)
        await sql(
            "INSERT INTO policy_dispute (policy, text, raised_at, raised_by)"
            " VALUES ($1, $2, $3, $4)",
            policy_id,
            form.text,
            now(),
            actor.user_id,
        )
    return state


async def answer(actor: Actor, policy_id: int, form: DisputeForm) -> PolicyState:
    """The insurer answers a dispute; the insured may confirm or dispute again."""
    async with work():
        state = await _step(actor, policy_id, "answer", form.text)
        await sql(
            "UPDATE policy_dispute SET answer = $2, answered_at = $3, answered_by = $4"
            " WHERE policy = $1 AND answered_at IS NULL",
            policy_id,
            form.text,
            now(),
            actor.user_id,
        )
    return state


async def _step(actor: Actor, policy_id: int, event: str, note: str) -> PolicyState:
    async with work():
        policy = await records.policy_row(actor, policy_id, lock=True)
        await journal.move(
            POLICY,
            Policy,
            policy.as_row(),
            event,
            actor,
            subject_kind="policy",
            subject=str(policy_id),
            note=note,
            values={"revision": policy.revision + 1},
        )
    return await state_of(policy_id)


async def report_loss(actor: Actor, policy_id: int, form: LossForm) -> PolicyState:
    """Report a claim payment on a policy: the checks before money moves compare it."""
    async with work():
        policy = await records.recorded_row(actor, policy_id)
        found: list[Finding] = []
        if not policy.start_on <= form.loss_on <= policy.current_end_on:
            found.append(blocker("policy.loss_outside_period", "loss_on"))
        if form.paid_on < form.loss_on or form.paid_on > today():
            found.append(blocker("policy.loss_paid_day", "paid_on"))
        if found:
            raise Refused(found)
        fresh = await sql_value(
            "INSERT INTO policy_loss (policy, reference, loss_on, paid_on, paid_fen, payee_name,"
            " recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            " ON CONFLICT (policy, reference) DO NOTHING RETURNING id",
            policy_id,
            form.reference,
            form.loss_on,
            form.paid_on,
            form.paid_fen,
            form.payee_name,
            now(),
            actor.user_id,
        )
        if fresh is None:
            raise Conflict("policy.loss_twice", field="reference", reference=form.reference)
        await journal.record(
            actor,
            "policy",
            str(policy_id),
            "report_loss",
            facts={"reference": form.reference, "paid_fen": form.paid_fen},
            effective_on=form.paid_on,
        )
    return await state_of(policy_id)
