"""Lists of products: the public shelf, an insurer's own products, the committee's queue.

How a page is read is in `listing`; here is what can be asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from catalogue.products.listing import Filters, Listing, Turn, page
from catalogue.products.search import like_pattern, query_words
from catalogue.rules.nouns import FilingStatus, ProductStatus, RiskKind, Stage, Term
from catalogue.shelf_table import ITEM, NAMES
from service.auth import Actor
from service.kernel.db import sql
from service.kernel.errors import Refused
from service.kernel.findings import blocker


@dataclass(frozen=True, slots=True)
class ShelfQuery:
    """Filters of the shelf; codes as in the vocabularies, `insurer` a USCC, `type` a type code.

    The console turns pages back too: with `both_ways` a page names the one before it in
    `previous`, and `before` (such a cursor) asks for it.
    """

    q: str | None = None
    stage: str | None = None
    industry: str | None = None
    risk_kind: str | None = None
    insurer: str | None = None
    type: str | None = None
    district: str | None = None
    status: str | None = None
    cursor: str | None = None
    limit: int | None = None
    before: str | None = None
    both_ways: bool = False


def _choice(field: str, value: str, kind: type[Term]) -> str:
    if value not in set(kind):
        choices = [code for code, _ in kind.choices()]
        raise Refused([blocker("form.not_a_choice", field, value=value, choices=choices)])
    return value


WORDS_MAX_CHARACTERS = 200
# How a filter reads on the shelf, where one table has it all, and on the other lists.
_ON_SHELF = {
    "text": "s.search_text LIKE ?",
    "stage": "s.stages @> ?",
    "industry": "s.industries @> ?",
    "risk_kind": "s.risk_kind = ?",
    "insurer": "s.insurer_uscc = ?",
    "type": "s.type_code = ?",
    "district": "s.district = ?",
}
_TYPE = "SELECT id FROM product_type WHERE"
_INSURER = "SELECT id FROM organisation WHERE"
_ELSEWHERE = {
    "text": "v.search_text LIKE ?",
    "stage": "v.stages @> ?",
    "industry": "v.industries @> ?",
    "risk_kind": f"p.product_type = ANY (ARRAY({_TYPE} risk_kind = ?))",
    "insurer": f"p.insurer = ({_INSURER} uscc = ?)",
    "type": f"p.product_type = ({_TYPE} code = ?)",
    "district": f"p.insurer = ANY (ARRAY({_INSURER} district = ?))",
}


def _plain(field: str, value: str) -> str:
    if "\x00" in value:
        raise Refused([blocker("form.control_characters", field)])
    if len(value) > WORDS_MAX_CHARACTERS:
        told = blocker("form.too_long", field, actual=len(value), limit=WORDS_MAX_CHARACTERS)
        raise Refused([told])
    return value


def _filters(query: ShelfQuery, reads: dict[str, str] = _ELSEWHERE) -> Filters:
    filters = Filters(narrow=bool(query.insurer or query.type))
    if query.q:
        tokens, words = query_words(_plain("q", query.q))
        by_index = bool(tokens) and reads is _ON_SHELF and not filters.narrow
        if by_index:
            filters.looked_up.append(f"s.search_tokens @> {filters.bind(tokens)}")
        for word in words:
            filters.add(reads["text"], like_pattern(word))
            if by_index and word in tokens:  # the index has answered for it
                filters.looked_up.pop()
    if query.stage:
        filters.add(reads["stage"], [_choice("stage", query.stage, Stage)])
    if query.industry:
        filters.add(reads["industry"], [_plain("industry", query.industry)])
    if query.risk_kind:
        filters.add(reads["risk_kind"], _choice("risk_kind", query.risk_kind, RiskKind))
    if query.insurer:
        filters.add(reads["insurer"], _plain("insurer", query.insurer))
    if query.type:
        filters.add(reads["type"], _plain("type", query.type))
    if query.district:
        filters.add(reads["district"], _plain("district", query.district))
    return filters


def _turn(query: ShelfQuery) -> Turn:
    return Turn(query.limit, query.cursor, query.before, query.both_ways)


_SHELF = Listing("shelf_item s", "s.item", ("s.sort_key", "s.product"), (str, int))
# The version on a desk: the open one if there is one, else the one in the library, else the last.
_DESK = Listing(
    "product p JOIN LATERAL (SELECT * FROM product_version w WHERE w.product = p.id ORDER BY"
    " (w.status IN ('draft','submitted','accepted','returned','in_review')) DESC,"
    " (w.status = 'in_library') DESC, w.number DESC LIMIT 1) v ON true",
    ITEM,
    ("p.id", "v.id"),
    (int, int),
    names=NAMES,
    descending=True,
)
_QUEUE = Listing(
    "product_version v JOIN product p ON p.id = v.product",
    ITEM,
    ("(extract(epoch from v.submitted_at) * 1000000)::bigint", "v.id"),
    (int, int),
    names=NAMES,
)


async def shelf_page(query: ShelfQuery) -> bytes:
    """The public shelf (在库产品): products in the library now, by name."""
    return await page(_SHELF, _filters(query, _ON_SHELF), _turn(query), indexed=True)


async def desk_page(actor: Actor, query: ShelfQuery) -> bytes:
    """All products the actor may see, newest first, each with the version being worked on."""
    filters = _filters(query)
    if not actor.sees_all:
        filters.add("p.insurer = ?", actor.organisation_id)
    if query.status:
        if query.status in set(ProductStatus):
            filters.add("p.status = ?", query.status)
        else:
            filters.add("v.status = ?", _choice("status", query.status, FilingStatus))
    if actor.is_committee:
        filters.add("v.status <> 'draft'")
    return await page(_DESK, filters, _turn(query))


async def queue_page(query: ShelfQuery) -> bytes:
    """What waits for the committee: submitted, accepted and reviewed filings, oldest first.

    `status` takes one of these, `returned`, `open` (all of them), or a part of `in_review`:
    `reviewing` (no recommendation yet) or `recommended` (waits for the approver).
    """
    filters = _filters(query)
    wanted = query.status or ""
    waiting = ("submitted", "accepted", "in_review")
    states = {"": waiting, "open": (*waiting, "returned")}
    states |= {"reviewing": ("in_review",), "recommended": ("in_review",)}
    if wanted not in (*states, *waiting, "returned"):
        _choice("status", "?" + wanted, FilingStatus)
    # Written out, not bound: only so does the index of open filings serve.
    listed = "', '".join(states.get(wanted, (wanted,)))
    filters.add(f"v.status IN ('{listed}')")
    if wanted in ("reviewing", "recommended"):
        filters.add("(v.recommendation <> '') = ?", wanted == "recommended")
    return await page(_QUEUE, filters, _turn(query))


def decoded(page: bytes) -> dict[str, Any]:
    """A page for templates and exports."""
    result: dict[str, Any] = msgspec.json.decode(page)
    return result


async def facets() -> dict[str, list[dict[str, Any]]]:
    """What the shelf can be filtered by: industries and insurers that have products in it."""
    rows = await sql(
        "SELECT (SELECT coalesce(json_agg(json_build_object('value', i, 'count', n)), '[]') FROM"
        " (SELECT i, count(*) AS n FROM product p JOIN product_version v ON v.id ="
        " p.current_version, unnest(v.industries) i WHERE p.status = 'in_library' GROUP BY i"
        " ORDER BY n DESC, i) x)::text AS industries,"
        " (SELECT coalesce(json_agg(json_build_object('value', uscc, 'name', short_name, 'count',"
        " n)), '[]') FROM (SELECT o.uscc, o.short_name, o.sort_key, count(*) AS n FROM product p"
        " JOIN organisation o ON o.id = p.insurer WHERE p.status = 'in_library' GROUP BY o.uscc,"
        " o.short_name, o.sort_key ORDER BY o.sort_key) x)::text AS insurers"
    )
    return {name: msgspec.json.decode(value) for name, value in rows[0].items()}


async def filers() -> list[dict[str, Any]]:
    """Insurers that have registered a product, whatever became of it, by name."""
    rows = await sql(
        "SELECT o.uscc, o.short_name FROM organisation o WHERE EXISTS"
        " (SELECT 1 FROM product p WHERE p.insurer = o.id) ORDER BY o.sort_key, o.id"
    )
    return [dict(row) for row in rows]
