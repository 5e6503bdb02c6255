"""Versions of a pool's agreement (共保协议): draft, vote, taking effect, withdrawal.

The text never changes once written. It takes effect when its worked cases pass, its hash fits, the
members' consent was given and somebody who neither wrote nor put it says so, by a resolution.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from coinsurance.books import published
from coinsurance.pool_forms import AgreementForm, AskedForm, EffectForm, VoteForm
from coinsurance.pool_shapes import AgreementState
from coinsurance.pools import consents, parts
from coinsurance.pools.founding import pool_row
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms, ConsentTerm
from coinsurance.rules.consents import GIVEN
from coinsurance.rules.nouns import ConsentMatter, PoolRole
from coinsurance.rules.workflows import AGREEMENT
from coinsurance.tables import PoolAgreement
from service.auth import Actor, Role
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.numbering import normalise_uscc
from service.kernel.rulebook import RuleBook, check_book, parse
from service.kernel.shares import parse_percent

KIND = AGREEMENT.name


def subject_of(code: str, version: str) -> str:
    """The name of a version in journal and consents."""
    return f"{code}/{version}"


async def has_part(actor: Actor, pool: Any) -> bool:
    """Whether the agreement is the reader's business: a member of any year, or asked about it.

    The committee and the auditor read all.
    """
    return actor.sees_all or await sql_value(
        "SELECT EXISTS (SELECT 1 FROM pool_member m JOIN pool_year y ON y.id = m.pool_year"
        "  WHERE y.pool = $1 AND m.organisation = $2 AND m.status <> 'declined')"
        " OR EXISTS (SELECT 1 FROM consent_party p JOIN consent_request r ON r.id = p.request"
        "  WHERE r.pool = $1 AND p.organisation = $2)",
        pool["id"],
        actor.organisation_id,
    )


async def may_read(actor: Actor, pool: Any) -> None:
    """NotFound for those who have no part in the pool."""
    if not await has_part(actor, pool):
        raise NotFound("共保协议", "Agreement of the pool", pool["code"])


async def agreement_row(code: str, version: str, *, lock: bool = False) -> Any:
    """A version with its pool's code; NotFound for an unknown one."""
    row = await sql_row(
        "SELECT a.*, p.code, p.family FROM pool_agreement a JOIN pool p ON p.id = a.pool"
        " WHERE p.code = $1 AND a.version = $2" + (" FOR UPDATE OF a" if lock else ""),
        code,
        version,
    )
    if row is None:
        raise NotFound("协议版本", "Version of the agreement", subject_of(code, version))
    return row


async def _may_write(actor: Actor, pool: Any) -> None:
    """The committee's officers, and the manager of a member that leads a running year."""
    if actor.has(Role.COMMITTEE_OFFICER, Role.COMMITTEE_ADMIN):
        return
    await may_read(actor, pool)
    leads = await sql_value(
        "SELECT 1 FROM pool_member m JOIN pool_year y ON y.id = m.pool_year WHERE y.pool = $1"
        " AND m.organisation = $2 AND m.status = 'active' AND 'lead' = ANY(m.roles)"
        " AND y.status <> 'commuted' LIMIT 1",
        pool["id"],
        actor.organisation_id,
    )
    if not leads or not actor.has(Role.INSURER_MANAGER):
        raise Forbidden("pool.role_missing", roles=[PoolRole.LEAD.zh])


async def draft(actor: Actor, code: str, form: AgreementForm) -> AgreementState:
    """Write a new version; without a text the pool's published book is taken.

    Raises Refused with every finding of the text, its failing worked cases among them, and Conflict
    for a version that is there.
    """
    async with work():
        pool = await pool_row(code)
        await _may_write(actor, pool)
        text = form.text or await _published_text(pool["family"])
        book, found = parse(text)
        if book is None:
            raise Refused(found)
        found = [*found, *check_book(book), *await _place(pool, book)]
        if blockers(found):
            raise Refused(found)
        fresh = await sql_value(
            "INSERT INTO pool_agreement (pool, version, title, status, valid_from, valid_to, body,"
            " hash, resolution_number, revision, recorded_at, recorded_by)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 1, $9, $10)"
            " ON CONFLICT (pool, version) DO NOTHING RETURNING id",
            pool["id"],
            book.version,
            book.title_zh[:200],
            AGREEMENT.initial,
            book.valid_from,
            book.valid_to,
            text,
            book.hash,
            now(),
            actor.user_id,
        )
        if fresh is None:
            raise Conflict("agreement.version_taken", field="rule.version", version=book.version)
        await journal.record(
            actor,
            KIND,
            subject_of(code, book.version),
            "draft",
            to_status=AGREEMENT.initial,
            effective_on=book.valid_from,
            facts={"hash": book.hash},
        )
    return await state_of(code, book.version, [f.as_dict() for f in found])


async def _published_text(family: str) -> str:
    row = await published(family, today())
    if row is None:
        raise Refused([blocker("pool.no_book", "text", value=family)])
    return str(row["body"])


async def _place(pool: Any, book: RuleBook) -> list[Finding]:
    """The text belongs to the pool and says what a published rule of its version says."""
    found: list[Finding] = []
    if book.family != pool["family"]:
        found.append(
            blocker("agreement.other_pool", "rule.family", value=book.family, family=pool["family"])
        )
    known = await sql_value(
        "SELECT hash FROM rule_version WHERE family = $1 AND version = $2 AND status <> 'draft'",
        book.family,
        book.version,
    )
    if known is not None and known != book.hash:
        found.append(
            blocker("agreement.differs_from_published", "rule.version", version=book.version)
        )
    return found


async def vote(actor: Actor, code: str, version: str, form: VoteForm) -> AgreementState:
    """Put a version to the vote: of the members, or of the founders while there is no member.

    The rule is that of the agreement in force (a change of the agreement follows the agreement);
    for the first version its own.
    """
    async with work():
        pool = await pool_row(code)
        await _may_write(actor, pool)
        row = await agreement_row(code, version, lock=True)
        AGREEMENT.advance(row["status"], "ask", actor.roles)
        blocking = blockers(check_stored(row))
        if blocking:
            raise Refused(blocking)
        terms = await _ruling_terms(pool["id"], row)
        term = terms.consents[ConsentMatter.AGREEMENT]
        year_id, asked = await _asked(pool["id"], term, form)
        number = await consents.ask(
            actor,
            consents.Matter(
                pool["id"],
                year_id,
                ConsentMatter.AGREEMENT,
                KIND,
                subject_of(code, version),
                f"{row['title']} {version}",
                term,
                terms.consent_clause(ConsentMatter.AGREEMENT),
            ),
            asked,
        )
        await parts.move(
            actor,
            AGREEMENT,
            PoolAgreement,
            row,
            "ask",
            subject_of(code, version),
            note=form.note,
            facts={"consent_request": number},
        )
    return await state_of(code, version)


async def _ruling_terms(pool_id: int, row: Any) -> AgreementTerms:
    """The agreement by which the vote is taken."""
    body = await sql_value(
        "SELECT body FROM pool_agreement WHERE pool = $1 AND status = 'effective'"
        " ORDER BY valid_from DESC LIMIT 1",
        pool_id,
    )
    return terms_of(body or row["body"])


async def _asked(
    pool_id: int, term: ConsentTerm, form: VoteForm
) -> tuple[int | None, list[consents.Asked]]:
    """Who is asked: the members of the latest year that has any, else the founders in the form."""
    year_id = await sql_value(
        "SELECT y.id FROM pool_year y WHERE y.pool = $1 AND EXISTS (SELECT 1 FROM pool_member m"
        " WHERE m.pool_year = y.id AND m.status = 'active') ORDER BY y.year DESC LIMIT 1",
        pool_id,
    )
    if year_id is None:
        return None, await _founders(form.parties)
    if form.parties:
        raise Refused([blocker("agreement.parties_known", "parties")])
    return year_id, await consents.members_to_ask(year_id, term, today())


async def _founders(asked: list[AskedForm]) -> list[consents.Asked]:
    known = await parts.organisations([party.uscc for party in asked], "parties")
    found: list[Finding] = []
    chosen: list[consents.Asked] = []
    for position, party in enumerate(asked):
        row = known[normalise_uscc(party.uscc)]
        field = f"parties.{position}.uscc"
        if row["kind"] != "insurer" or not row["active"]:
            found.append(blocker("agreement.not_direct_insurer", field, name=row["name"]))
        if any(other.uscc == row["uscc"] for other in chosen):
            found.append(blocker("agreement.asked_twice", field, name=row["name"]))
        units = weight_of(party.weight_units, party.share, f"parties.{position}")
        chosen.append(consents.Asked(row["id"], row["uscc"], position + 1, units or 0))
    if len(chosen) < 2:
        found.append(blocker("agreement.founders_few", "parties"))
    if found:
        raise Refused(found)
    return chosen


def weight_of(units: int | None, percent: str | None, field: str) -> int | None:
    """A share written in units or in percent; None when neither is. Raises Refused for both."""
    if units is not None and percent is not None:
        raise Refused([blocker("share.both_given", field)])
    return parse_percent(percent, f"{field}.share") if percent is not None else units


def check_stored(row: Any) -> list[Finding]:
    """Everything that keeps a stored text from taking effect: hash, values, worked cases."""
    book, found = parse(row["body"])
    if book is None:
        return found
    if book.hash != row["hash"]:
        found = [*found, blocker("agreement.hash_differs", "text")]
    return [*found, *check_book(book)]


async def take_effect(actor: Actor, code: str, version: str, form: EffectForm) -> AgreementState:
    """Let a version take effect by resolution; it takes the place of the one before from its day.

    Not by who wrote it or put it to the vote. Raises Refused with all that is missing: consent, a
    failing case, a hash that does not fit, another version of the same day.
    """
    subject = subject_of(code, version)
    async with work():
        pool = await pool_row(code, "turn")
        row = await agreement_row(code, version, lock=True)
        AGREEMENT.advance(row["status"], "take_effect", actor.roles)
        await parts.four_eyes(actor, KIND, subject, "draft", "ask")
        found = [*await consents.need_given(KIND, subject), *check_stored(row)]
        found += await _follows_last(pool["id"], row)
        if blockers(found):
            raise Refused(blockers(found))
        await _supersede(actor, pool, row)
        await parts.move(
            actor,
            AGREEMENT,
            PoolAgreement,
            row,
            "take_effect",
            subject,
            note=form.note,
            values={"effective_at": now(), "resolution_number": form.resolution_number},
            facts={"resolution_number": form.resolution_number, "hash": row["hash"]},
            effective_on=row["valid_from"],
        )
    return await state_of(code, version)


async def _follows_last(pool_id: int, row: Any) -> list[Finding]:
    """A version begins after every one that took effect before it."""
    last = await sql_row(
        "SELECT version, valid_from FROM pool_agreement WHERE pool = $1 AND valid_from >= $2"
        " AND status IN ('effective', 'superseded') ORDER BY valid_from DESC LIMIT 1",
        pool_id,
        row["valid_from"],
    )
    if last is None:
        return []
    day, other = last["valid_from"], last["version"]
    return [blocker("agreement.not_after_last", "rule.valid_from", day=day, version=other)]


async def _supersede(actor: Actor, pool: Any, row: Any) -> None:
    """The versions in force that begin earlier end on the day before this one begins."""
    rows = await sql(
        "SELECT id, version, status, revision, valid_to FROM pool_agreement WHERE pool = $1"
        " AND status = 'effective' AND valid_from < $2 ORDER BY id FOR UPDATE",
        pool["id"],
        row["valid_from"],
    )
    last_on = row["valid_from"] - timedelta(days=1)
    for old in rows:
        await parts.move(
            actor,
            AGREEMENT,
            PoolAgreement,
            old,
            "supersede",
            subject_of(pool["code"], old["version"]),
            values={"valid_to": min(old["valid_to"] or last_on, last_on)},
            facts={"by": row["version"]},
            effective_on=row["valid_from"],
            follows=True,
        )


async def withdraw(actor: Actor, code: str, version: str, note: str) -> AgreementState:
    """Withdraw a version that is not in force, and the request on it."""
    subject = subject_of(code, version)
    async with work():
        await _may_write(actor, await pool_row(code))
        row = await agreement_row(code, version, lock=True)
        await parts.move(actor, AGREEMENT, PoolAgreement, row, "withdraw", subject, note=note)
        await consents.withdraw(actor, KIND, subject)
    return await state_of(code, version)


async def _closed(actor: Actor, request: Any, outcome: str) -> None:
    """A version whose consent was not given is refused."""
    if outcome == GIVEN:
        return
    code, _, version = request["subject"].partition("/")
    row = await agreement_row(code, version, lock=True)
    facts = {"consent_request": request["number"], "outcome": outcome}
    await parts.move(
        actor,
        AGREEMENT,
        PoolAgreement,
        row,
        "refuse",
        request["subject"],
        facts=facts,
        follows=True,
    )


consents.when_closed(KIND, _closed)


async def state_of(
    code: str, version: str, findings: list[dict[str, Any]] | None = None
) -> AgreementState:
    """Where a version stands now."""
    row = await agreement_row(code, version)
    request = await consents.latest_request(KIND, subject_of(code, version))
    return AgreementState(
        code,
        version,
        row["status"],
        row["revision"],
        row["hash"],
        request["number"] if request else None,
        findings or [],
    )
