"""Every page of the console and who looks at it; `{…}` is filled from a link on a list."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

_URL_MAP = Path(__file__).parents[1] / "golden" / "url_map.txt"
_NO_PAGES = re.compile(
    r"/api\b|/(documents|health|metrics|reports|static)\b|.*\.(svg|xlsx|zip|html)$"
    r"|/insurer/import/template|.*/(files|evidence|books)/\{|/(evidence-bundles|bordereaux)/\{"
)
_LINK = re.compile(r"""<a\b[^>]*\bhref=["'](/[^"']*)""")
_NO_VALUES = {"new", "queue", "qualifications", "contracts", "drafts"}
"""Pages that lie where others have a number."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page; `source` is where the first link that fits `{…}` of `path` gives the value."""

    path: str
    source: str | Place = ""
    status: int = 200

    @property
    def name(self) -> str:
        """A name for files and messages."""
        return re.sub(r"\W+", "-", self.path).strip("-") or "shelf"

    async def address(self, page: Page) -> str:
        """The address to open; empty when the demo holds nothing of the kind at present."""
        stem, brace, rest = self.path.rpartition("}")
        if not brace:
            return self.path
        source = self.source if isinstance(self.source, str) else await self.source.address(page)
        if not source:
            return ""
        listed = await (await page.context.request.get(source)).text()
        pattern = re.compile(re.sub(r"\{\w+(\}|$)", r"([\\w.-]+)", stem))
        for link in _LINK.findall(listed.partition("<main")[2].partition("</main>")[0]):
            found = pattern.match(html.unescape(link).partition("?")[0])
            if found and not set(found.groups()) & _NO_VALUES:
                return found[0] + rest
        return ""


_POOL = Place("/pools/{code}", "/pools")
_YEAR = Place("/pool-years/{number}", _POOL)
_ACCOUNTS = Place("/pool-accounts/{number}", _YEAR)
_RISK = Place("/risks/{number}", "/risks")
_BIO = Place("/pool-accounts/{number}", Place("/pool-years/{number}", "/pools/biomedicine"))
_POOLS = [
    Place("/pools"),
    _POOL,
    Place("/pools/{code}/agreements/{version}", _POOL),
    _YEAR,
    Place("/pool-years/{number}/members/{uscc}", _YEAR),
    Place("/share-schedules/{number}", _YEAR),
    Place("/consents?show=all"),
    Place("/consents/{number}", "/consents?show=all"),
    Place("/risks"),
    _RISK,
    Place("/risks/{number}/character-checks/{check}", _RISK),
    Place("/placements"),
    Place("/placements/{number}", "/placements"),
    Place("/claims"),
    Place("/claims/{number}", "/claims"),
    _ACCOUNTS,
    Place("/statements/{number}", _ACCOUNTS),
    Place("/settlement-runs/{number}", _ACCOUNTS),
    Place("/pool-disputes/{number}", _ACCOUNTS),
    Place("/obligations/{number}", _ACCOUNTS),
    Place("/pool-accounts/{number}/certificates/{which}", _BIO),
]
_MINE = "/insurer/products?status="
PLACES: dict[str, list[Place]] = {
    "": [
        Place("/"),
        Place("/?q=研发"),
        Place("/?q=没有的词"),
        Place("/types"),
        Place("/types/PT001"),
        Place("/types/PT002"),
        Place("/products/{number}", "/"),
        Place("/notices"),
        Place("/notices/{number}", "/notices"),
        Place("/certificates"),
        Place("/certificates/{code}", "/certificates"),
        Place("/about"),
        Place("/login"),
        Place("/no-such-page", status=404),
        Place("/reports/shelf.pdf", status=404),
    ],
    "clerk": [
        Place("/insurer/products"),
        Place("/insurer/products/new"),
        Place("/insurer/products/new?type=PT001"),
        Place("/insurer/products/{number}", "/insurer/products?status=in_library"),
        Place("/insurer/products/{number}/difference", "/insurer/products?status=in_library"),
        Place("/insurer/import"),
        Place("/policies"),
        Place("/policies/new"),
        Place("/policies/import"),
        Place("/insurer/money"),
        Place("/claims/new"),
        Place("/risks/new"),
        Place("/risks/{number}/edit", "/risks?status=draft"),
        Place("/policies/{policy_id}", "/policies"),
        Place("/account"),
    ],
    "clerk3": [
        Place("/risks/{number}/line-import", "/risks?pool_year=biomedicine-2026"),
        Place("/risks/{number}/value-import", "/risks?pool_year=biomedicine-2026"),
    ],
    "clerk4": [
        Place("/insurer/products/{number}", f"{_MINE}returned"),
        Place("/insurer/products/{number}/draft", f"{_MINE}returned"),
        Place("/insurer/products/{number}/draft?check=1", f"{_MINE}returned"),
        Place("/insurer/products/{number}/abandonment", f"{_MINE}returned"),
    ],
    "manager": [
        *_POOLS,
        Place("/insurer/products/{number}/withdrawal", "/insurer/products?status=in_library"),
        Place("/admin/users"),
        Place("/admin/organisations"),
    ],
    "firm": [
        Place("/placements"),
        Place("/placements/{number}", "/placements"),
        Place("/claims"),
        Place("/claims/{number}", "/claims"),
        Place("/claims/new"),
        Place("/firm"),
        Place("/firm/schemes"),
        Place("/firm/schemes/{code}", "/firm/schemes"),
        Place("/firm/applications"),
        Place("/firm/applications/new"),
        Place("/firm/applications/{number}", "/firm/applications"),
        Place("/firm/applications/{number}/edit", "/firm/applications?status=draft"),
        Place("/firm/policies"),
        Place("/firm/policies/{policy_id}", "/firm/policies"),
        Place("/firm/objects"),
        Place("/firm/objects/new"),
        Place("/firm/objects/{number}", "/firm/objects"),
        Place("/firm/objects/{number}/edit", "/firm/objects"),
        Place(
            "/firm/objects/{number}/contracts/{contract}",
            Place("/firm/objects/{number}", "/firm/objects"),
        ),
        Place("/firm/enrolments"),
        Place("/firm/enrolments/new"),
        Place("/firm/enrolments/{number}", "/firm/enrolments"),
        Place("/firm/qualifications"),
        Place("/firm/qualifications/new"),
        Place("/firm/qualifications/{number}", "/firm/qualifications"),
    ],
    "officer": [
        Place("/committee/queue"),
        Place("/committee/queue?step=returned"),
        Place("/committee/products"),
        Place("/committee/products/{number}", "/committee/queue?step=reviewing"),
        Place("/committee/products/{number}?", "/committee/queue?step=returned"),
    ],
    "officer2": [
        Place("/enrolment/queue"),
        Place("/enrolment/{number}", "/enrolment/queue"),
        Place("/enrolment/qualifications"),
        Place("/enrolment/qualifications/{number}", "/enrolment/qualifications"),
        Place("/subsidy/queue"),
        Place("/subsidy/applications/{number}", "/subsidy/queue"),
        Place("/subsidy/notices"),
        Place("/subsidy/applications"),
        Place("/subsidy/objections"),
        Place("/catalogues"),
        Place("/catalogues/{edition}", "/catalogues"),
        Place("/money/payees"),
        Place("/money/payees/{account}", "/money/payees"),
        Place("/money/schemes"),
        Place("/money/schemes/new"),
        Place("/money/schemes/{code}", "/money/schemes"),
        Place("/money/batches"),
        Place("/money/batches/{number}", "/money/batches"),
        Place("/money/recoveries"),
        Place("/money/recoveries/{number}", "/money/recoveries"),
    ],
    "approver": [
        *_POOLS,
        Place("/committee/products/{number}", "/committee/queue?step=recommended"),
        Place("/committee/products/{number}?", "/committee/products?status=in_library"),
        Place("/committee/monitor"),
        Place("/committee/monitor?as_of=2025-12-31&as_known_at=2025-12-31T12:00"),
        Place("/committee/monitor?as_of=31.12.2025", status=422),
        Place("/committee/monitor?screen=1"),
    ],
    "admin": [
        Place("/catalogue-imports"),
        Place("/rules"),
        Place("/rules/new"),
        Place("/rules/drafts/{draft}", "/rules"),
        Place("/rules/{family}/{version}", "/rules"),
        Place("/rules/{family}/{name}/{version}", "/rules"),
        Place("/admin/organisations"),
        Place("/admin/organisations/new"),
        Place("/admin/organisations/{uscc}", "/admin/organisations"),
        Place("/admin/users"),
        Place("/admin/users/new"),
        Place("/admin/users/{login}", "/admin/users"),
        Place("/audit/journal"),
        Place("/audit/journal?day=gestern", status=422),
        Place("/audit/looks"),
        Place("/audit/looks?day=gestern", status=422),
        Place("/audit/verify"),
    ],
}


def not_looked_at() -> list[str]:
    """Pages of the URL map that no list above names."""
    known = {place.path.partition("?")[0] for places in PLACES.values() for place in places}
    patterns = [
        line.split()[1] for line in _URL_MAP.read_text("utf-8").splitlines() if line[:4] == "GET "
    ]
    fits = {p: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(p))) for p in patterns}
    return [
        pattern
        for pattern, shape in fits.items()
        if not _NO_PAGES.match(pattern) and not any(map(shape.fullmatch, known))
    ]


FAULTS = (Path(__file__).parent / "faults.js").read_text("utf-8")
"""A function that says what is wrong with a page, as far as a program can see it."""
