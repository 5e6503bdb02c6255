"""Endorsements (批单): changes of a policy, undone only by another that mirrors them.

A return of premium gives money back to the sources that paid it, in their proportion and never more
than they paid (`refund_parts`); undoing it turns those very parts around.
"""

from __future__ import annotations

from typing import Any

from catalogue.policies import keepers, records
from catalogue.policies.recording import PolicyState, state_of
from catalogue.policies.records import PolicyRow
from catalogue.policy_forms import EndorsementForm, UndoForm
from catalogue.rules.policies import Change, Present, check_endorsement, refund_parts
from catalogue.rules.subsidy.workflow import POLICY
from catalogue.subsidies import recovery_opening
from catalogue.tables import Policy
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import Text, blockers, register


def _present(policy: PolicyRow) -> Present:
    return Present(
        policy.status,
        policy.start_on,
        policy.current_end_on,
        policy.current_sum_fen,
        policy.current_premium_fen,
    )


async def endorse(
    actor: Actor, policy_id: int, form: EndorsementForm, *, as_keeper: bool = False
) -> PolicyState:
    """Write an endorsement: premium, sum or end of the policy change from a day on.

    `as_keeper`: by who keeps the policy; Conflict (policy.kept_in_pool) for anybody else.
    """
    change = Change(
        form.kind,
        form.effective_on,
        form.premium_change_fen,
        form.sum_change_fen,
        form.new_end_on,
    )
    async with work():
        policy = await records.recorded_row(actor, policy_id)
        if not as_keeper:
            await keepers.need_own(policy_id)
        found = check_endorsement(_present(policy), change)
        if blockers(found):
            raise Refused(found)
        endorsement_id = await _write(actor, policy, change, form.reason, None)
        await _refund(actor, policy, change, endorsement_id)
        if form.kind == "cancel":
            await _follow(policy, "cancel")
        if form.premium_change_fen < 0:
            cause = "cancellation" if form.kind == "cancel" else "downward_endorsement"
            await recovery_opening.open_for_policy(actor, policy_id, cause)
    return await state_of(policy_id)


async def undo(
    actor: Actor, policy_id: int, number: int, form: UndoForm, *, as_keeper: bool = False
) -> PolicyState:
    """Undo endorsement `number` by its mirror image, once; a cancellation is reinstated."""
    async with work():
        policy = await records.recorded_row(actor, policy_id)
        if not as_keeper:
            await keepers.need_own(policy_id)
        old = await sql_row(
            "SELECT d.*, (SELECT u.number FROM endorsement u WHERE u.undoes = d.id) AS undone_by"
            " FROM endorsement d WHERE d.policy = $1 AND d.number = $2",
            policy_id,
            number,
        )
        if old is None:
            raise NotFound("批单", "Endorsement", number)
        _check_undo(old, form)
        kind = "reinstate" if old["kind"] == "cancel" else "undo"
        change = Change(
            kind,
            form.effective_on,
            -old["premium_change_fen"],
            -old["sum_change_fen"],
            old["old_end_on"] if old["new_end_on"] is not None else None,
        )
        found = check_endorsement(_present(policy), change)
        if blockers(found):
            raise Refused(found)
        endorsement_id = await _write(actor, policy, change, form.reason, old["id"])
        gone = await recovery_opening.lapse(policy_id)
        await _mirror_refunds(actor, policy, old["id"], endorsement_id, form, gone)
        await _refund(actor, policy, change, endorsement_id)
        if kind == "reinstate":
            await _follow(policy, "reinstate")
        await recovery_opening.open_if_reduced(actor, policy_id)
    return await state_of(policy_id)


def _check_undo(old: Any, form: UndoForm) -> None:
    if old["undone_by"] is not None:
        raise Conflict("endorsement.undone_before", number=old["number"], by=old["undone_by"])
    if old["undoes"] is not None:
        raise Conflict("endorsement.is_an_undo", number=old["number"])
    if form.effective_on < old["effective_on"]:
        raise Conflict(
            "endorsement.undo_before_original", field="effective_on", day=old["effective_on"]
        )


async def _write(
    actor: Actor, policy: PolicyRow, change: Change, reason: str, undoes: int | None
) -> int:
    endorsement_id: int = await sql_value(
        "INSERT INTO endorsement (policy, number, kind, effective_on, premium_change_fen,"
        " sum_change_fen, new_end_on, old_end_on, reason, undoes, recorded_at, recorded_by)"
        " SELECT $1, 1 + coalesce(max(number), 0), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11"
        " FROM endorsement WHERE policy = $1 RETURNING id",
        policy.id,
        change.kind,
        change.effective_on,
        change.premium_change_fen,
        change.sum_change_fen,
        change.new_end_on,
        policy.current_end_on,
        reason,
        undoes,
        now(),
        actor.user_id,
    )
    await sql(
        "UPDATE policy SET current_premium_fen = current_premium_fen + $2, current_sum_fen ="
        " current_sum_fen + $3, current_end_on = coalesce($4, current_end_on),"
        " revision = revision + 1 WHERE id = $1",
        policy.id,
        change.premium_change_fen,
        change.sum_change_fen,
        change.new_end_on,
    )
    await journal.record(
        actor,
        "policy",
        str(policy.id),
        f"endorse_{change.kind}",
        note=reason,
        facts={
            "endorsement": endorsement_id,
            "premium_change_fen": change.premium_change_fen,
            "sum_change_fen": change.sum_change_fen,
            "undoes": undoes,
        },
        effective_on=change.effective_on,
    )
    return endorsement_id


async def _refund(actor: Actor, policy: PolicyRow, change: Change, endorsement_id: int) -> None:
    """Give back what was received above the premium that is now due, source by source.

    Public money that was paid to the insurer falls with the premium, whatever else is still due.
    """
    sources = await records.sources_fen(policy.id)
    due_fen = policy.current_premium_fen + change.premium_change_fen
    direct = await recovery_opening.direct_back(policy.id)
    others = {source: net for source, net in sources.items() if source not in direct}
    above_fen = sum(sources.values()) - sum(direct.values()) - due_fen
    parts = {s: fen for s, fen in direct.items() if fen} | refund_parts(others, above_fen)
    await _write_refunds(actor, policy, endorsement_id, parts, change)


async def _write_refunds(
    actor: Actor,
    policy: PolicyRow,
    endorsement_id: int,
    parts: dict[str, int],
    change: Change,
) -> None:
    moment = now()
    await sql_many(
        "INSERT INTO premium_receipt (policy, source, amount_fen, received_on, payer_name,"
        " payer_uscc, payer_account, invoice_number, bank_reference, refund_of, endorsement,"
        " recorded_at, recorded_by) SELECT $1, r.source, $3, $4, r.payer_name, r.payer_uscc,"
        " r.payer_account, '', '', r.id, $5, $6, $7 FROM premium_receipt r WHERE r.policy = $1"
        " AND r.source = $2 AND r.amount_fen > 0 ORDER BY r.id DESC LIMIT 1",
        [
            (
                policy.id,
                source,
                -amount,
                change.effective_on,
                endorsement_id,
                moment,
                actor.user_id,
            )
            for source, amount in parts.items()
        ],
    )


async def _mirror_refunds(
    actor: Actor,
    policy: PolicyRow,
    old_id: int,
    endorsement_id: int,
    form: UndoForm,
    gone: set[str],
) -> None:
    """The refunds of an undone endorsement come back, each to the source it went to.

    Not those of the schemes in `gone`, which have claimed their direct payment back.
    """
    await sql(
        "INSERT INTO premium_receipt (policy, source, amount_fen, received_on, payer_name,"
        " payer_uscc, payer_account, invoice_number, bank_reference, endorsement, recorded_at,"
        " recorded_by) SELECT policy, source, -amount_fen, $3, payer_name, payer_uscc,"
        " payer_account, '', '', $4, $5, $6"
        " FROM premium_receipt WHERE policy = $1 AND endorsement = $2 AND amount_fen < 0"
        " AND NOT source = ANY($7::text[]) ORDER BY id",
        policy.id,
        old_id,
        form.effective_on,
        endorsement_id,
        now(),
        actor.user_id,
        sorted(gone),
    )


async def _follow(policy: PolicyRow, event: str) -> None:
    """The life cycle follows the endorsement: cancelled, or recorded again."""
    await journal.move(
        POLICY,
        Policy,
        policy.as_row(),
        event,
        SYSTEM,
        subject_kind="policy",
        subject=str(policy.id),
    )


register(
    {
        "endorsement.undone_before": Text(
            "批单 {number} 已由批单 {by} 撤销",
            "Endorsement {number} was undone by endorsement {by}",
            "一份批单只能撤销一次",
            "An endorsement is undone once at most",
            "DESIGN law 3",
        ),
        "endorsement.is_an_undo": Text(
            "批单 {number} 本身是撤销批单",
            "Endorsement {number} is itself the undoing of another",
            "请另出批单办理新的变更",
            "Write a new endorsement instead",
            "DESIGN law 3",
        ),
        "endorsement.undo_before_original": Text(
            "撤销的生效日早于原批单的生效日 {day}",
            "The undoing would take effect before the original, {day}",
            "请改为 {day} 或之后",
            "Take {day} or later",
            "DESIGN law 3",
        ),
    }
)
