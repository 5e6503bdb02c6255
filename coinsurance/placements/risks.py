"""Submitting risks (风险提交): drafted and changed by the issuer, then submitted, opened for lines,
withdrawn. Every write tells all findings; submission is refused while one of them stops it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance.access import need_role, year_row
from coinsurance.placement_forms import (
    MarketForm,
    NoteForm,
    RiskChangeForm,
    RiskForm,
    RiskValueForm,
)
from coinsurance.placements import gathering, referrals
from coinsurance.placements.filed import check_filed
from coinsurance.placements.rows import Access, RiskRow, issuer_of, need_revision, risk_for
from coinsurance.placements.zones import zone_map
from coinsurance.risk_shapes import RiskState
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.placement_risk import SectionFacts, check_form, check_open, check_risk
from coinsurance.rules.workflows import RISK
from coinsurance.tables import Risk
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, Text, blocker, blockers, register
from service.kernel.numbering import check_uscc, normalise_uscc

_PLAIN = (
    "title",
    "business_class",
    "site",
    "project_name",
    "project_number",
    "start_on",
    "end_on",
    "rate_ppm",
    "sum_insured_fen",
    "premium_fen",
    "deductible_fen",
    "referral",
)
_PARTS = ("risk_section", "risk_zone", "risk_value")


async def create_risk(actor: Actor, form: RiskForm) -> RiskState:
    """Draft a risk of a pool year whose issuer the actor's insurer is."""
    moment = now()
    async with work():
        year = await year_row(form.pool_year)
        await need_role(actor, year, PoolRole.ISSUER)
        columns, zone_ids = await _looked_up(actor, form)
        number = await next_number("RK", moment)
        values: dict[str, Any] = {
            "number": number,
            "pool_year": year["id"],
            "issuer": actor.organisation_id,
            **columns,
            "status": RISK.initial,
            "revision": 1,
            "recorded_at": moment,
            "recorded_by": actor.user_id,
        }
        risk_id = await _insert("risk", values)
        await _write_parts(risk_id, form, zone_ids)
        await journal.record(
            actor,
            "risk",
            number,
            "draft",
            to_status=RISK.initial,
            facts={"pool_year": form.pool_year, "title": form.title},
            effective_on=today(),
        )
    return await state_of(actor, number)


async def change_risk(
    actor: Actor, number: str, form: RiskChangeForm, revision: int | None
) -> RiskState:
    """Replace a draft, or a risk that was submitted and is not in the market yet."""
    async with work():
        found = await issuer_of(actor, number)
        risk = found.risk
        need_revision(risk.revision, revision)
        if risk.status not in ("draft", "submitted"):
            raise _not_editable(risk.status)
        columns, zone_ids = await _looked_up(actor, form)
        columns["revision"] = risk.revision + 1
        sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
        await sql(f"UPDATE risk SET {sets} WHERE id = $1", risk.id, *columns.values())
        for table in _PARTS:
            await sql(f"DELETE FROM {table} WHERE risk = $1", risk.id)
        await _write_parts(risk.id, form, zone_ids)
        await _after_change(actor, risk, {"revision": risk.revision + 1})
    return await state_of(actor, number)


def _not_editable(status: str) -> Conflict:
    zh, en = RISK.label(status), RISK.label(status, "en")
    return Conflict("risk.not_editable", status_zh=zh, status_en=en)


async def replace_values(
    actor: Actor, number: str, values: Sequence[RiskValueForm]
) -> list[Finding]:
    """Replace the schedule of values alone; what then stands against the risk."""
    async with work():
        found = await issuer_of(actor, number)
        risk = found.risk
        if risk.status not in ("draft", "submitted"):
            raise _not_editable(risk.status)
        await sql("UPDATE risk SET revision = revision + 1 WHERE id = $1", risk.id)
        await sql("DELETE FROM risk_value WHERE risk = $1", risk.id)
        await _write_values(risk.id, values)
        await _after_change(
            actor, risk, {"revision": risk.revision + 1, "values": len(values)}
        )
        return check_risk(await gathering.risk_facts(await risk_for(actor, number)))


async def _after_change(actor: Actor, risk: RiskRow, facts: Mapping[str, Any]) -> None:
    """A submitted risk is judged again, and its members are asked again where they have to be."""
    await journal.record(actor, "risk", risk.number, "edit", facts=facts)
    if risk.status == "submitted":
        changed = await risk_for(actor, risk.number)
        await _judge(changed)
        await referrals.withdraw(actor, risk.number)
        await referrals.ask_if_outside(actor, changed, await gathering.risk_facts(changed))


async def submit(actor: Actor, number: str) -> RiskState:
    """Submit a risk; one outside the facility asks the members for their consent."""
    async with work():
        found = await issuer_of(actor, number)
        await _judge(found)
        facts = {
            "sum_insured_fen": found.risk.sum_insured_fen,
            "premium_fen": found.risk.premium_fen,
        }
        await _move(actor, found, "submit", facts=facts)
        await referrals.ask_if_outside(actor, found, await gathering.risk_facts(found))
    return await state_of(actor, number)


async def open_market(actor: Actor, number: str, form: MarketForm) -> RiskState:
    """Open a risk for lines until a day; every eligible member is offered each section."""
    async with work():
        found = await issuer_of(actor, number)
        risk, wrong = found.risk, []
        if not risk.by_lines:
            wrong.append(blocker("risk.not_by_lines", "method"))
        if form.lines_until < today():
            wrong.append(blocker("line.already_over", "lines_until", today=today()))
        wrong += check_open(risk.year, found.year["status"], found.year["pool_status"])
        if wrong:
            raise Refused(wrong)
        await _move(
            actor,
            found,
            "open_market",
            values={"lines_until": form.lines_until},
            facts={"lines_until": form.lines_until.isoformat()},
        )
        await _offer(actor, found, form)
    return await state_of(actor, number)


async def _offer(actor: Actor, found: Access, form: MarketForm) -> None:
    """A line in the state “offered” for every eligible member and section without one."""
    members = await gathering.members_of(found.risk.year_id)
    asked = [
        member.organisation_id
        for member in members.values()
        if member.eligible(found.risk.start_on)
        and found.risk.business_class not in member.excluded_classes
    ]
    rows = await sql(
        "INSERT INTO risk_line (section, organisation, status, written_units, to_stand,"
        " cut_consented, conditions, valid_until, off_platform, revision, recorded_at, recorded_by)"
        " SELECT s.id, o.id, 'offered', 0, false, false, '', $3, false, 1, $4, $5"
        " FROM risk_section s, unnest($2::bigint[]) o(id) WHERE s.risk = $1"
        " ON CONFLICT (section, organisation) DO NOTHING RETURNING id",
        found.risk.id,
        asked,
        form.lines_until,
        now(),
        actor.user_id,
    )
    await journal.record_rows(
        journal.event_row(actor, "risk_line", str(row["id"]), "offer", to_status="offered")
        for row in rows
    )


async def withdraw(actor: Actor, number: str, form: NoteForm) -> RiskState:
    """Take a risk back before it is bound; open consents of it end with it."""
    async with work():
        found = await issuer_of(actor, number)
        await _move(actor, found, "withdraw", note=form.note)
        await referrals.withdraw(actor, number)
    return await state_of(actor, number)


async def _judge(found: Access) -> None:
    """Refused with everything that stands against the risk."""
    findings = check_risk(await gathering.risk_facts(found))
    if blockers(findings):
        raise Refused(findings)


async def _move(
    actor: Actor,
    found: Access,
    event: str,
    *,
    note: str = "",
    values: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    await journal.move(
        RISK,
        Risk,
        found.risk.as_row(),
        event,
        actor,
        subject_kind="risk",
        subject=found.risk.number,
        note=note,
        values={"revision": found.risk.revision + 1, **(values or {})},
        facts=facts,
    )


async def state_of(actor: Actor, number: str) -> RiskState:
    """Where a risk stands, with the findings on it as it is."""
    found = await risk_for(actor, number)
    findings = check_risk(await gathering.risk_facts(found))
    if found.risk.status in ("draft", "submitted", "in_market"):
        findings += await check_filed(actor, found)
    return RiskState(
        number, found.risk.status, found.risk.revision, [finding.as_dict() for finding in findings]
    )


async def _looked_up(actor: Actor, form: RiskChangeForm) -> tuple[dict[str, Any], list[int]]:
    """The columns of a risk and the keys of its zones; Refused with everything that is unknown."""
    found: list[Finding] = []
    insured = await _insured(form, found)
    product = await sql_row(
        "SELECT id, insurer FROM product WHERE number = $1 AND current_version IS NOT NULL",
        form.product,
    )
    if product is None:
        found.append(blocker("policy.unknown_product", "product", number=form.product))
    elif product["insurer"] != actor.organisation_id:
        found.append(blocker("policy.product_of_another", "product"))
    codes = [zone.zone for zone in form.zones]
    zones = await zone_map(codes)
    found += [
        blocker("risk.unknown_zone", f"zones.{n}.zone", zone=code)
        for n, code in enumerate(codes)
        if code not in zones.ids
    ]
    found += [
        blocker("risk.zone_twice", f"zones.{n}.zone", zone=code)
        for n, code in enumerate(codes)
        if code in codes[:n]
    ]
    sections = [
        SectionFacts(s.code, s.kind, s.limit_fen, s.premium_fen, s.attachment_fen, s.aggregate_fen)
        for s in form.sections
    ]
    found += check_form(form.start_on, form.end_on, sections)
    if blockers(found) or product is None or insured is None:
        raise Refused(found)
    columns = {name: getattr(form, name) for name in _PLAIN}
    columns |= {"insured": insured["id"], "product": product["id"], "method": form.method.value}
    columns["survey"] = json.dumps(form.survey.model_dump(mode="json"), ensure_ascii=False)
    return columns, [zones.ids[code] for code in codes]


async def _insured(form: RiskChangeForm, found: list[Finding]) -> Any:
    uscc = normalise_uscc(form.insured_uscc)
    wrong = check_uscc(uscc, "insured_uscc")
    found += wrong
    if blockers(wrong):
        return None
    row = await sql_row("SELECT id, kind, active FROM organisation WHERE uscc = $1", uscc)
    if row is None:
        found.append(blocker("policy.unknown_organisation", "insured_uscc", uscc=uscc))
    elif row["kind"] != "enterprise" or not row["active"]:
        found.append(blocker("policy.insured_unfit", "insured_uscc"))
    return row


async def _insert(table: str, values: dict[str, Any]) -> int:
    names, marks = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
    row_id: int = await sql_value(
        f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", *values.values()
    )
    return row_id


async def _write_parts(risk_id: int, form: RiskChangeForm, zone_ids: list[int]) -> None:
    await sql_many(
        "INSERT INTO risk_section (risk, position, code, title, kind, attachment_fen, limit_fen,"
        " aggregate_fen, premium_fen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [(risk_id, n, *part.model_dump().values()) for n, part in enumerate(form.sections, 1)],
    )
    await sql_many(
        "INSERT INTO risk_zone (risk, zone, at_risk_ppm) VALUES ($1, $2, $3)",
        [(risk_id, key, z.at_risk_ppm) for key, z in zip(zone_ids, form.zones, strict=True)],
    )
    await _write_values(risk_id, form.values)


async def _write_values(risk_id: int, values: Sequence[RiskValueForm]) -> None:
    await sql_many(
        "INSERT INTO risk_value (risk, position, item, location, value_fen)"
        " VALUES ($1, $2, $3, $4, $5)",
        [(risk_id, n, v.item, v.location, v.value_fen) for n, v in enumerate(values, 1)],
    )


register(
    {
        "risk.not_editable": Text(
            "风险的状态为“{status_zh}”，不能修改",
            "A risk in the state “{status_en}” cannot be changed",
            "请撤回后另行提交",
            "Withdraw it and submit another one",
        ),
        "risk.not_by_lines": Text(
            "该风险按年度份额申报，不征集份额",
            "This risk is declared on the year's shares and takes no lines",
            "可直接成单，或将参与方式改为逐笔认购",
            "Bind it, or change its method to lines",
        ),
        "risk.zone_twice": Text(
            "累积区“{zone}”重复",
            "Zone “{zone}” stands twice",
            "每个累积区只填写一次",
            "Name each zone once",
        ),
    }
)

__all__ = [
    "change_risk",
    "create_risk",
    "open_market",
    "replace_values",
    "state_of",
    "submit",
    "withdraw",
]
