"""The console of the pools: each page posts what its API route takes, typed as people type it.

The table says which route of the API a page's post stands for; who, on which record and with what
comes from that route's own recipe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from service.kernel.shares import format_percent
from tests.contract.recipes import (
    claims,
    member_accounts,
    placements,
    pools,
    premiums,
    settlements,
)
from tests.contract.stage import Call, Stage
from tests.factories import PDF

_API: dict[str, Call] = {
    key: call
    for part in (pools, member_accounts, placements, premiums, claims, settlements)
    for key, call in (part.WRITES | part.READS).items()
}
PAPER = {"file": ("consent.pdf", PDF, "application/pdf")}
Typed = Callable[[dict[str, str]], dict[str, str]]


def typed(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """A body of the API as the names and texts of a form."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from typed(item, f"{name}-{key}" if name else key)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for n, item in enumerate(value):
            yield from typed(item, f"{name}-{n}")
    elif isinstance(value, list):
        yield name, value  # type: ignore[misc]
    elif isinstance(value, bool):
        yield name, "1" if value else "0"
    elif isinstance(value, int) and name.endswith("_fen"):
        yield name, f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"
    elif isinstance(value, int) and name.endswith("_units"):
        yield name, format_percent(value)
    elif isinstance(value, int) and name.endswith("_ppm"):
        yield name, f"{value // 10_000}.{value % 10_000:04d}%"
    elif value is not None:
        yield name, str(value)


def _page(api: str, rename: dict[str, str] | None = None, **more: Any) -> Call:
    """The call of a page that stands for a route of the API."""
    found = _API[api]
    names = rename or {}
    change: Typed = more.pop("change", lambda form: form)

    def form(stage: Stage) -> dict[str, str]:
        body = found.json(stage) if callable(found.json) else found.json
        return change(dict(typed(body or {})))

    params = {names.get(key, key): value for key, value in found.params.items()}
    return Call(
        found.who,
        found.state,
        form=form,
        params=params | more.pop("params", {}),
        parties=found.parties,
        **more,
    )


def _same(console: str, api: str, *nouns: str, **more: Any) -> dict[str, Call]:
    """Pages whose last word is that of the API."""
    return {
        f"POST {console}/{noun}": _page(f"POST /api/v1{api}/{noun}", **more) for noun in nouns
    }


def _only(*names: str) -> Typed:
    """Keep some fields of a form: a page knows the others from its address."""
    return lambda form: {name: form[name] for name in names if name in form}


_AGREEMENT = {"agreement": "version"}
_YEAR, _MEMBER = "/pool-years/{number}", "/pool-years/{number}/members/{uscc}"


def _at(key: str) -> dict[str, Any]:
    """The pool year that the recipes of settlement left under a name."""
    return {"number": settlements.value(key)}


def _quarter(key: str, who: str, api: str) -> Call:
    """A step of all statements of a quarter; the page asks for the period."""
    found = _API[api]
    return Call(who, form={"period": settlements.Q1}, params=_at(key), parties=found.parties)


_RESULT = "POST /api/v1/settlement-runs/{number}/instructions/{instruction}/result"

WRITES: dict[str, Call] = {
    "POST /pools": _page("POST /api/v1/pools"),
    **_same(
        "/pools/{code}",
        "/pools/{code}",
        *("agreements", "years", "suspension", "resumption", "winding-up", "closing"),
    ),
    **_same(
        "/pools/{code}/agreements/{version}",
        "/pools/{code}/agreements/{agreement}",
        *("vote", "effect", "withdrawal"),
        rename=_AGREEMENT,
    ),
    **_same(
        _YEAR,
        _YEAR,
        *("signing", "opening", "closing", "run-off", "commutation", "members", "shares"),
    ),
    **_same(
        _MEMBER,
        _MEMBER,
        *("suspension", "resumption", "exit", "default", "cure", "roles", "shortfall"),
        *("account-changes", "account-changes/confirmation", "account-changes/refusal"),
        "account-changes/withdrawal",
    ),
    f"POST {_MEMBER}/acceptance": _page(f"POST /api/v1{_MEMBER}/acceptance", change=_only()),
    f"POST {_MEMBER}/declination": _page(f"POST /api/v1{_MEMBER}/acceptance", change=_only()),
    f"POST {_MEMBER}/capacity": _page(f"PUT /api/v1{_MEMBER}/capacity"),
    **_same(
        "/share-schedules/{number}",
        "/share-schedules/{number}",
        *("vote", "effect", "withdrawal"),
    ),
    **_same("/consents/{number}", "/consent-requests/{number}", "service", "answers"),
    "POST /risks/new": _page("POST /api/v1/risks"),
    "POST /risks/{number}/edit": _page("PUT /api/v1/risks/{number}"),
    **_same(
        "/risks/{number}",
        "/risks/{number}",
        *("submission", "market", "withdrawal", "lines", "off-platform-lines", "declinations"),
        *("cut-consents", "subjectivities", "binding"),
        "subjectivities/{serial}/fulfilment",
        "subjectivities/{serial}/waiver",
        "files/{file_id}/grants",
        "files/{file_id}/grants/{grant_id}/revocation",
    ),
    "POST /risks/{number}/character-checks": _page(
        "POST /api/v1/risks/{number}/character-checks",
        change=_only("consented_on", "issued"),
        files=PAPER,
    ),
    "POST /risks/{number}/files": _page(
        "POST /api/v1/risks/{number}/files",
        change=lambda _: {"kind": "process", "confidential": "1"},
        files=PAPER,
    ),
    **_same(
        "/placements/{number}",
        "/placements/{number}",
        *("receipts", "movements", "endorsements", "receipts/{movement}/reversal"),
        "endorsements/{which}/issue",
        "endorsements/{which}/withdrawal",
        "endorsements/{which}/undoing",
        *("share-schedules", "share-changes"),
    ),
    "POST /claims/new": _page("POST /api/v1/claims"),
    **_same(
        "/claims/{number}",
        "/claims/{number}",
        *("registration", "notices", "service", "acknowledgements", "surveys", "reserves"),
        *("assessment", "consent", "consent-withdrawal", "agreement", "declination", "payments"),
        *("payment-overrides", "expenses", "recoveries", "cash-calls", "flags", "dispute"),
        *("cash-calls/{call}/release", "closing", "reopening"),
    ),
    "POST /claims/{number}/movements/{movement}/reversal": _page(
        "POST /api/v1/claims/{number}/payments/{movement}/reversal",
        change=lambda form: form | {"kind": "payment"},
    ),
    "POST /large-losses/{number}/reading": _page("POST /api/v1/large-losses/{number}/reading"),
    "POST /pool-accounts/{number}/statements": _page("POST /api/v1/pool-years/{number}/statements"),
    "POST /pool-accounts/{number}/approval": _quarter(
        "draft",
        "manager",
        "POST /api/v1/pool-years/{number}/statement-periods/{period}/approval",
    ),
    "POST /pool-accounts/{number}/issue": _quarter(
        "approved",
        "manager",
        "POST /api/v1/pool-years/{number}/statement-periods/{period}/issue",
    ),
    "POST /pool-accounts/{number}/runs": _page(
        "POST /api/v1/settlement-runs",
        change=lambda form: {"method": "gross", "due_until": form["due_until"]},
        params=_at("due"),
    ),
    "POST /pool-accounts/{number}/reconciliation": _page(
        "POST /api/v1/reconciliation", change=_only("until_on"), params=_at("live")
    ),
    "POST /pool-accounts/{number}/reminders": _page(
        "POST /api/v1/reminders", change=_only(), params=_at("due")
    ),
    "POST /pool-accounts/{number}/certificates": _page(
        "POST /api/v1/certificates/no-difference",
        change=_only("as_of", "member_uscc"),
        params=_at("done"),
    ),
    "POST /pool-accounts/{number}/breaks/{which}": Call(
        "clerk",
        form=settlements.EXPLANATION,
        params=_at("live") | {"which": settlements.value("break")},
    ),
    "POST /pool-accounts/{number}/bank-files": Call(
        "clerk",
        files={"file": ("bank.csv", settlements.BANK.encode(), "text/csv")},
        params=_at("live"),
    ),
    "POST /pool-accounts/{number}/certificates/{which}/confirmation": Call(
        "manager", params=_at("done") | {"which": settlements.value("certificate")}
    ),
    **_same("/obligations/{number}", "/obligations/{number}", "payments", "interest"),
    "POST /evidence-bundles": _page("POST /api/v1/evidence-bundles"),
    "POST /statements/{number}/bordereaux": Call(
        "clerk",
        files={"file": ("list.csv", settlements.LIST.encode(), "text/csv")},
        params={"number": settlements.value("statement")},
    ),
    **_same(
        "/statements/{number}",
        "/statements/{number}",
        *("acknowledgement", "agreement", "disputes", "cancellation", "approval", "issue"),
    ),
    **_same(
        "/settlement-runs/{number}",
        "/settlement-runs/{number}",
        *("approval", "cancellation", "bank-file"),
    ),
    "POST /settlement-runs/{number}/payments": _page(
        _RESULT, change=lambda _: {"instruction": "3", "bank_reference": "HAND-3"}
    ),
    "POST /settlement-runs/{number}/failures": _page(
        _RESULT, change=lambda _: {"instruction": "4", "failure": "账号有误"}
    ),
    **_same(
        "/pool-disputes/{number}",
        "/disputes/{number}",
        *("escalation", "upholding", "dismissal", "withdrawal", "referral"),
    ),
}
READS: dict[str, Call] = {
    "GET /pools/{code}": _page("GET /api/v1/pools/{code}"),
    "GET /pools/{code}/agreements/{version}": _page(
        "GET /api/v1/pools/{code}/agreements/{agreement}", _AGREEMENT
    ),
    f"GET {_YEAR}": _page(f"GET /api/v1{_YEAR}"),
    f"GET {_MEMBER}": _page(f"GET /api/v1{_MEMBER}"),
    "GET /share-schedules/{number}": _page("GET /api/v1/share-schedules/{number}"),
    "GET /consents/{number}": _page("GET /api/v1/consent-requests/{number}"),
    "GET /risks/{number}": _page("GET /api/v1/risks/{number}"),
    "GET /risks/{number}/edit": _page("PUT /api/v1/risks/{number}"),
    "GET /risks/{number}/files/{file_id}": _page(
        "GET /api/v1/risks/{number}/files/{file_id}/content"
    ),
    "GET /risks/{number}/character-checks/{check}": _page(
        "GET /api/v1/risks/{number}/character-checks/{check}"
    ),
    "GET /placements/{number}": _page("GET /api/v1/placements/{number}"),
    "GET /claims/{number}": _page("GET /api/v1/claims/{number}"),
    "GET /pool-accounts/{number}": Call("clerk", params=_at("live")),
    "GET /pool-accounts/{number}/certificates/{which}": Call(
        "manager", params=_at("done") | {"which": settlements.value("certificate")}
    ),
    "GET /pool-accounts/{number}/books/{book_format}": Call(
        "clerk", params=_at("live") | {"book_format": "beancount"}
    ),
    "GET /obligations/{number}": _page("GET /api/v1/obligations/{number}"),
    "GET /bordereaux/{number}": _page("GET /api/v1/bordereaux/{number}"),
    **{
        f"GET /evidence-bundles/{{number}}{rest}": _page(
            f"GET /api/v1/evidence-bundles/{{number}}{rest}"
        )
        for rest in ("", "/archive.zip", "/print.html")
    },
    "GET /statements/{number}": _page("GET /api/v1/statements/{number}"),
    "GET /settlement-runs/{number}": _page("GET /api/v1/settlement-runs/{number}"),
    "GET /pool-disputes/{number}": _page("GET /api/v1/disputes/{number}"),
}
for _call in READS.values():
    object.__setattr__(_call, "form", None)
