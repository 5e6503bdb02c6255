"""Everything that a movement of premium rests on, in one statement, as the rules take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from catalogue.policies.receipts import DIRECT, taken_sql
from coinsurance.premiums.rows import PlacementRow
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.fees import fee_terms
from coinsurance.rules.nouns import Component, PoolRole
from coinsurance.rules.premium_cover import NO_CONDITION, Endorsed, change_of
from coinsurance.rules.premium_dues import Remit, Roles
from coinsurance.rules.premium_series import COMPONENTS, Held, Terms
from coinsurance.rules.premium_weights import Cover, Schedule, Section, Share, Weights, weigh
from service.kernel.db import sql_value

# Everybody's schedules, endorsements and holdings as JSON built by the database: one round trip.
_FACTS = """
WITH moved AS MATERIALIZED (SELECT id, number, kind, source, amount_fen, effective_on, recorded_at,
  schedule, policy_receipt FROM premium_movement WHERE placement = $1)
SELECT json_build_object(
 'members', (SELECT json_agg(json_build_array(m.organisation, o.uscc, o.short_name, m.roles)
   ORDER BY m.position) FROM pool_member m JOIN organisation o ON o.id = m.organisation
   WHERE m.pool_year = $2),
 'sections', (SELECT json_agg(json_build_array(s.id, s.code, s.premium_fen) ORDER BY s.position)
   FROM risk_section s WHERE s.risk = $3),
 'schedules', (SELECT json_agg(json_build_array(h.id, h.number, h.section, h.valid_from, h.clause,
     h.effective_at, (SELECT json_agg(json_build_array(i.organisation, i.position, i.share_units)
       ORDER BY i.position) FROM share_item i WHERE i.schedule = h.id))
     ORDER BY h.valid_from, h.id) FROM share_schedule h
   WHERE h.placement = $1 AND h.status = 'effective'),
 'changes', (SELECT json_agg(json_build_array(d.number, d.kind, d.effective_on,
     d.premium_change_fen, d.sum_change_fen, d.old_end_on, d.new_end_on, coalesce(s.code, ''))
     ORDER BY d.id) FROM endorsement d
     LEFT JOIN placement_endorsement e ON e.endorsement = d.id
     LEFT JOIN risk_section s ON s.id = e.section
   WHERE d.policy = $4 AND d.undoes IS NULL AND d.premium_change_fen <> 0
     AND NOT EXISTS (SELECT 1 FROM endorsement u WHERE u.undoes = d.id)),
 'held', (SELECT json_agg(json_build_array(v.source, p.component, p.organisation,
     p.amount_fen)) FROM premium_movement v JOIN (SELECT movement, organisation, component,
     amount_fen FROM premium_part) p ON p.movement = v.id WHERE v.placement = $1 AND $5),
 'last', (SELECT json_agg(json_build_array(c.component, c.organisations, c.fens)) FROM (
     SELECT p.component, array_agg(p.organisation) AS organisations,
       array_agg(p.to_date_fen) AS fens FROM premium_part p
     WHERE NOT $5 AND p.movement = (SELECT id FROM moved ORDER BY number DESC LIMIT 1)
     GROUP BY p.component) c),
 'sources', (SELECT json_agg(json_build_array(n.source, n.fen, n.count, n.first, n.schedules))
   FROM (SELECT v.source, sum(v.amount_fen)::bigint AS fen, count(*) AS count,
       min(v.recorded_at) AS first,
       array_agg(v.schedule) FILTER (WHERE v.schedule IS NOT NULL) AS schedules
     FROM moved v GROUP BY v.source ORDER BY min(v.number)) n),
 'flows', (SELECT json_agg(json_build_array(v.amount_fen, v.effective_on, v.kind)
     ORDER BY v.number) FROM moved v WHERE $6),
 'obligations', (SELECT b.number FROM obligation b WHERE b.placement = $1
   AND b.cause_kind = 'premium_movement' ORDER BY b.id DESC LIMIT 1),
 'waiting', (SELECT json_agg(json_build_array(r.id, r.source, r.amount_fen, r.received_on,
     r.bank_reference, o.id, o.kind, o.number, EXISTS (SELECT 1 FROM premium_movement x
       WHERE x.placement = $1 AND r.bank_reference <> '' AND x.reference = r.bank_reference))
     ORDER BY r.id) FROM (SELECT * FROM premium_receipt n WHERE n.policy = $4 AND n.id NOT IN
       (SELECT policy_receipt FROM moved WHERE policy_receipt IS NOT NULL) OFFSET 0) r
     LEFT JOIN LATERAL (
       SELECT v.id, v.kind, v.number FROM premium_receipt q
         JOIN premium_movement v ON v.policy_receipt = q.id
       WHERE q.policy = r.policy AND q.source = r.source AND q.amount_fen = -r.amount_fen
         AND v.kind = 'receipt'
         AND NOT EXISTS (SELECT 1 FROM premium_movement x WHERE x.reversal_of = v.id)
         AND CASE WHEN r.amount_fen < 0 THEN r.endorsement IS NULL AND q.id = r.refund_of
           ELSE q.endorsement = (SELECT d.undoes FROM endorsement d WHERE d.id = r.endorsement) END
       ORDER BY v.id LIMIT 1) o ON true),
 'accounts', (SELECT json_agg(a.code) FROM account a WHERE a.book = $7),
 'due', CASE WHEN $8::text IS NULL THEN NULL ELSE json_build_array(
   (SELECT c.current_premium_fen FROM policy c WHERE c.id = $4) - ({TAKEN}),
   nextval(pg_get_serial_sequence('premium_receipt', 'id')),
   $8 <> '' AND EXISTS (SELECT 1 FROM premium_movement x WHERE x.placement = $1
     AND x.reference = $8),
   $9::int IS NULL OR EXISTS (SELECT 1 FROM instalment n WHERE n.policy = $4 AND n.number = $9))
   END,
 'policy', (SELECT json_build_array(c.current_premium_fen, c.premium_fen,
     (SELECT json_agg(n.amount_fen ORDER BY n.number) FROM instalment n WHERE n.policy = c.id))
   FROM policy c WHERE c.id = $4))::text
""".replace("{TAKEN}", taken_sql("$4", "$10"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A receipt of the policy that is not taken up; `mirrors` a movement it turns around."""

    receipt_id: int
    source: str
    amount_fen: int
    received_on: date
    bank_reference: str
    mirrors: int | None
    mirrored_number: int | None
    known: bool

    @property
    def reference(self) -> str:
        """What makes it unique in its placement."""
        return self.bank_reference or f"receipt:{self.receipt_id}"


@dataclass(frozen=True, slots=True)
class Flow:
    """A movement as money: what came in (above zero) or went back."""

    amount_fen: int
    on: date
    kind: str


@dataclass(frozen=True, slots=True)
class Coming:
    """What a receipt that is to be recorded meets: the premium left, its key, whether it is new."""

    left_fen: int
    receipt_id: int
    known: bool
    instalment_known: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A receipt that is to be recorded, as far as the facts depend on it."""

    reference: str
    instalment: int | None = None


@dataclass(frozen=True, slots=True)
class StoredSchedule:
    """A schedule in force with its key, and when it took effect."""

    id: int
    effective_at: datetime
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Facts:
    """A placement's premium as it stands."""

    placement: PlacementRow
    terms: AgreementTerms
    ids: Mapping[str, int]
    names: Mapping[str, str]
    section_ids: Mapping[str, int]
    cover: Cover
    schedules: tuple[StoredSchedule, ...]
    held: Held
    rested: Terms
    movement_count: int
    flows: tuple[Flow, ...]
    taken_schedules: frozenset[int]
    first_recorded_at: datetime | None
    obligation_count: int
    waiting: tuple[Waiting, ...]
    premium_fen: int
    inception_fen: int
    instalments: tuple[int, ...]
    accounts: frozenset[str]
    coming: Coming | None

    def open_schedules(self) -> tuple[StoredSchedule, ...]:
        """Schedules that took effect after premium had come in and were not taken up."""
        first = self.first_recorded_at
        return tuple(
            stored
            for stored in self.schedules
            if first is not None
            and stored.effective_at > first
            and stored.id not in self.taken_schedules
        )

    def weights(self, *, without: frozenset[int] = frozenset()) -> Weights:
        """The weights by the schedules in force, some of them left out."""
        if not without:
            return weigh(self.cover)
        kept = tuple(s.schedule for s in self.schedules if s.id not in without)
        cover = self.cover
        return weigh(Cover(cover.start_on, cover.end_on, cover.sections, kept, cover.changes))


async def facts_of(
    placement: PlacementRow, *, by_source: bool = False, asked: Asked | None = None
) -> Facts:
    """Collect the facts of a placement that is locked or only read.

    `by_source`: holdings are kept apart by funding source, which refunds and changes of shares
    need; without it they stand as one sum, which a receipt needs and which is cheaper. `asked`: a
    receipt is to be recorded; `coming` then says what it meets.
    """
    terms = await placement.terms()
    text = await sql_value(
        _FACTS,
        placement.id,
        placement.year_id,
        placement.risk_id,
        placement.policy_id,
        by_source,
        terms.no_premium_no_cover != NO_CONDITION,
        placement.book_id,
        asked.reference if asked else None,
        asked.instalment if asked else None,
        DIRECT,
    )
    return _facts(placement, terms, msgspec.json.decode(text), by_source)


def _facts(
    placement: PlacementRow, terms: AgreementTerms, found: dict[str, Any], by_source: bool
) -> Facts:
    rows = {name: found[name] or [] for name in found if name != "obligations"}
    usccs = {key: uscc for key, uscc, _, _ in rows["members"]}
    codes = {key: code for key, code, _ in rows["sections"]}
    schedules = tuple(_stored(row, usccs, codes) for row in rows["schedules"])
    cover = Cover(
        placement.start_on,
        placement.end_on,
        tuple(Section(code, premium) for _, code, premium in rows["sections"]),
        tuple(stored.schedule for stored in schedules),
        tuple(change for row in rows["changes"] if (change := change_of(_endorsed(row)))),
    )
    held = _held(rows, usccs, by_source)
    first = min((moved for _, _, _, moved, _ in rows["sources"]), default=None)
    premium_fen, inception_fen, instalments = rows["policy"]
    return Facts(
        placement,
        terms,
        {uscc: key for key, uscc in usccs.items()},
        {uscc: name for _, uscc, name, _ in rows["members"]},
        {code: key for key, code in codes.items()},
        cover,
        schedules,
        held,
        terms_from(placement, terms, rows["members"], held, schedules),
        sum(count for _, _, count, _, _ in rows["sources"]),
        tuple(Flow(fen, date.fromisoformat(day), kind) for fen, day, kind in rows["flows"]),
        frozenset(key for *_, schedules in rows["sources"] for key in schedules or ()),
        datetime.fromisoformat(first) if first else None,
        int(found["obligations"].rpartition("-")[2]) if found["obligations"] else 0,
        tuple(_waiting(row) for row in rows["waiting"]),
        premium_fen,
        inception_fen,
        tuple(instalments or ()),
        frozenset(rows["accounts"]),
        Coming(*found["due"]) if found["due"] else None,
    )


def _stored(row: list[Any], usccs: Mapping[int, str], codes: Mapping[int, str]) -> StoredSchedule:
    key, number, section, valid_from, clause, effective_at, items = row
    shares = tuple(
        Share(usccs[organisation], position, units) for organisation, position, units in items
    )
    day = date.fromisoformat(valid_from)
    return StoredSchedule(
        key,
        datetime.fromisoformat(effective_at),
        Schedule(number, codes[section], day, shares, clause),
    )


def _endorsed(row: list[Any]) -> Endorsed:
    number, kind, effective_on, premium, insured, old_end, new_end, section = row
    return Endorsed(
        number,
        kind,
        date.fromisoformat(effective_on),
        premium,
        insured,
        date.fromisoformat(old_end),
        date.fromisoformat(new_end) if new_end else None,
        section,
    )


def _held(rows: Mapping[str, Any], usccs: Mapping[int, str], by_source: bool) -> Held:
    net: dict[str, int] = {source: fen for source, fen, _, _, _ in rows["sources"]}
    parts: dict[tuple[str, Component], dict[str, int]] = {}
    if not by_source:
        for component, organisations, fens in rows["last"]:
            members = [usccs[organisation] for organisation in organisations]
            parts["", COMPONENTS[component]] = dict(zip(members, fens, strict=True))
        return Held(net, parts)
    for source, component, organisation, fen in rows["held"]:
        own = parts.setdefault((source, COMPONENTS[component]), {})
        own[usccs[organisation]] = own.get(usccs[organisation], 0) + fen
    return Held(net, parts)


def _waiting(row: list[Any]) -> Waiting:
    receipt, source, fen, day, reference, mirrors, kind, number, known = row
    if kind == "reversal":
        mirrors = number = None
    return Waiting(receipt, source, fen, date.fromisoformat(day), reference, mirrors, number, known)


def terms_from(
    placement: PlacementRow,
    terms: AgreementTerms,
    members: list[Any],
    held: Held,
    schedules: tuple[StoredSchedule, ...],
) -> Terms:
    """What the movements of a placement rest on.

    Its lead is the year's lead when its first premium came in: who bears no lead fee since then.
    """
    holders = {role: uscc for _, uscc, _, roles in members for role in roles}
    usccs = {key: uscc for key, uscc, _, _ in members}
    lead = holders.get(PoolRole.LEAD, "")
    charged = held.all_of(Component.LEAD_FEE)
    if terms.lead_fee is not None and charged:
        free = [m for m in held.all_of(Component.PREMIUM) if m not in charged]
        lead = free[0] if len(free) == 1 else lead
    issuer = usccs[placement.issuer_id]
    keeper = holders.get(PoolRole.ACCOUNT_KEEPER, issuer)
    remittance = terms.remittance
    clause = schedules[-1].schedule.clause if schedules else terms.clause("share_mode")
    return Terms(
        Roles(issuer, lead or issuer, keeper),
        fee_terms(terms),
        Remit(remittance.mode, remittance.days, remittance.calendar, terms.clause("remittance")),
        clause,
        terms.clause("remittance"),
    )
