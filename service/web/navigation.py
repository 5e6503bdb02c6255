"""What stands in the navigation bar, as data: one entry per page group and who sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.auth import COMMITTEE, INSURER, Actor, Role

EVERYONE: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the navigation; ``roles`` empty: everyone, also without log-in.

    ``under``: where the pages of the place lie that are not below its own address, by spaces.
    """

    label: str
    href: str
    roles: tuple[str, ...] = EVERYONE
    under: str = ""


NAVIGATION: tuple[Entry, ...] = (
    Entry("产品货架", "/", under="/products"),
    Entry("产品类型", "/types"),
    Entry("目录版本", "/catalogues", under="/catalogue-imports"),
    Entry("我要办", "/firm", (Role.ENTERPRISE,)),
    Entry("我的保单", "/firm/policies", (Role.ENTERPRISE,)),
    Entry("标的与登记", "/firm/objects", (Role.ENTERPRISE,), "/firm/enrolments"),
    Entry("补贴申请", "/firm/applications", (Role.ENTERPRISE,), "/firm/schemes"),
    Entry("我的产品", "/insurer/products", INSURER, "/insurer"),
    Entry("财政资金", "/insurer/money", INSURER),
    Entry("保单", "/policies", (*INSURER, *COMMITTEE, Role.AUDITOR)),
    Entry(
        "共保体",
        "/pools",
        tuple(Role),
        "/pool-years /share-schedules /consents /risks /placements /claims /pool-accounts"
        " /statements /settlement-runs /pool-disputes /obligations /bordereaux /evidence-bundles",
    ),
    Entry("审核工作台", "/committee/queue", (*COMMITTEE, Role.AUDITOR), "/committee/products"),
    Entry("投保登记", "/enrolment/queue", (*COMMITTEE, *INSURER, Role.AUDITOR), "/enrolment"),
    Entry("补贴工作台", "/subsidy/queue", (*COMMITTEE, Role.AUDITOR), "/subsidy"),
    Entry("预算与拨付", "/money/schemes", (*COMMITTEE, Role.AUDITOR), "/money"),
    Entry("规则", "/rules", (*COMMITTEE, Role.AUDITOR)),
    Entry("在库监测", "/committee/monitor", (*COMMITTEE, Role.AUDITOR)),
    Entry(
        "机构与用户",
        "/admin/organisations",
        (Role.COMMITTEE_ADMIN, Role.INSURER_MANAGER, Role.AUDITOR),
        "/admin",
    ),
    Entry("审计", "/audit/journal", (Role.COMMITTEE_ADMIN, Role.AUDITOR), "/audit"),
    Entry("公示公告", "/notices", under="/certificates"),
    Entry("系统说明", "/about"),
)


def navigation_for(
    actor: Actor, path: str, entries: Sequence[Entry] = NAVIGATION
) -> list[tuple[str, str, bool]]:
    """Return (label, address, active) of what the actor may see; the longest match is active."""
    seen = [entry for entry in entries if not entry.roles or actor.has(*entry.roles)]
    matches = [
        (len(place), entry.href)
        for entry in seen
        for place in (entry.href, *entry.under.split())
        if _covers(place, path)
    ]
    _, active = max(matches, default=(0, ""))
    return [(entry.label, entry.href, entry.href == active) for entry in seen]


def _covers(href: str, path: str) -> bool:
    return path == href or (href != "/" and path.startswith(href.rstrip("/") + "/"))
