"""Valid things by default; a test states only what it is about."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import httpx

from service import auth
from service.auth import Actor, Role, hash_password
from service.kernel.calendar import now
from service.kernel.db import sql_value
from service.kernel.names import sort_key
from service.kernel.numbering import make_uscc

PASSWORD = "correct-horse-battery-9"
_HASHES: dict[str, str] = {}
PDF = b"%PDF-1.4\n% example clause text\n%%EOF\n"


@dataclass
class World:
    """Organisations and people of every role; `headers[login]` is the API token of a person."""

    client: httpx.AsyncClient
    organisations: dict[str, int] = field(default_factory=dict)
    usccs: dict[str, str] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    async def call(
        self, who: str | None, method: str, path: str, json: Any = None, **more: Any
    ) -> httpx.Response:
        """A request below /api/v1 as a person; None is anonymous."""
        headers = {**(self.headers[who] if who else {}), **more.pop("headers", {})}
        return await self.client.request(
            method, f"/api/v1{path}", json=json, headers=headers, **more
        )

    async def post(self, who: str | None, path: str, json: Any = None, **more: Any) -> Any:
        """A POST that must succeed; returns the answer's JSON."""
        answer = await self.call(who, "POST", path, {} if json is None else json, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def get(self, who: str | None, path: str, **more: Any) -> Any:
        """A GET that must succeed; returns the answer's JSON."""
        answer = await self.call(who, "GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def make_organisation(
    name: str, kind: str, serial: int, *, district: str = "东湖高新区"
) -> tuple[int, str]:
    """An active organisation with a valid USCC; returns id and USCC."""
    uscc = make_uscc("91420100", f"MA4K{serial:04d}")
    organisation_id = await sql_value(
        "INSERT INTO organisation (uscc, legal_root, kind, name, short_name, sort_key, district,"
        " licence_number, contact, active, revision, created_at)"
        " VALUES ($1, $1, $2, $3, $4, $5, $6, '', '', true, 1, $7) RETURNING id",
        uscc,
        kind,
        name,
        name[:12],
        sort_key(name),
        district,
        now(),
    )
    return organisation_id, uscc


async def make_user(organisation_id: int, login: str, *roles: str) -> int:
    """An active user with the common test password."""
    if PASSWORD not in _HASHES:
        _HASHES[PASSWORD] = await hash_password(PASSWORD)
    user_id: int = await sql_value(
        "INSERT INTO eastlake_user (organisation, login, name, password_hash, roles, active,"
        " revision, created_at) VALUES ($1, $2, $3, $4, $5, true, 1, $6) RETURNING id",
        organisation_id,
        login,
        f"示例{login}",
        _HASHES[PASSWORD],
        list(roles),
        now(),
    )
    return user_id


async def make_token(user_id: int, login: str, *scopes: str) -> dict[str, str]:
    """A token of a user (read and write unless told), as request headers."""
    actor = Actor(user_id=user_id, login=login, name=login)
    made = await auth.make_token(actor, "test", scopes or ("read", "write"), 1)
    return {"Authorization": f"Bearer {made.token}"}


PEOPLE = {
    "clerk": ("insurer", Role.INSURER_CLERK),
    "manager": ("insurer", Role.INSURER_MANAGER),
    "rival": ("other_insurer", Role.INSURER_CLERK),
    "rival_manager": ("other_insurer", Role.INSURER_MANAGER),
    "firm": ("enterprise", Role.ENTERPRISE),
    "officer": ("committee", Role.COMMITTEE_OFFICER),
    "approver": ("committee", Role.COMMITTEE_APPROVER),
    "admin": ("committee", Role.COMMITTEE_ADMIN),
    "auditor": ("regulator", Role.AUDITOR),
}


async def make_world(client: httpx.AsyncClient) -> World:
    """Two insurers, an enterprise, the committee, the regulator, and a person of each role."""
    world = World(client)
    kinds = {
        "insurer": ("示例科技财产保险股份有限公司", "insurer", "江汉区"),
        "other_insurer": ("示例长江财产保险股份有限公司", "insurer", "武昌区"),
        "enterprise": ("示例光谷芯片科技有限公司", "enterprise", "东湖高新区"),
        "committee": ("示例科技保险创新示范区管理委员会", "committee", "东湖高新区"),
        "regulator": ("示例金融审计机构", "regulator", "江岸区"),
    }
    for serial, (key, (name, kind, district)) in enumerate(kinds.items(), 1):
        made = await make_organisation(name, kind, serial, district=district)
        world.organisations[key], world.usccs[key] = made
    for login, (organisation, role) in PEOPLE.items():
        user_id = await make_user(world.organisations[organisation], login, role)
        world.headers[login] = await make_token(user_id, login)
    return world


def draft(**changes: Any) -> dict[str, Any]:
    """A complete draft that passes every filing check once it has its documents."""
    return {
        "type_code": "PT021",
        "name": "示例晶圆厂财产一切险（光谷版）",
        "summary": "承保晶圆厂厂房、洁净室、工艺设备与在制晶圆的物质损失。",
        "main_section": "财产损失",
        "stages": ["production"],
        "industries": ["集成电路"],
        "target_enterprises": "在武汉东湖高新区注册、从事晶圆制造或封装测试的企业",
        "eligibility": "投保前完成现场风险查勘，消防与气体侦测系统验收合格",
        "evidence": ["营业执照", "设备清单与价值证明", "消防验收文件"],
        "rate_min_ppm": 800,
        "rate_max_ppm": 3500,
        "sum_min_fen": 100_000_000,
        "sum_max_fen": 500_000_000_000,
        "contact_name": "示例联系人",
        "contact_phone": "027-00000001",
        "contact_email": "product@insurer.example",
        "clauses": [
            {
                "kind": "main",
                "title": "集成电路企业财产一切险条款",
                "file_number": "(示例科技财险)(备-企业财产保险)【2024】(主)011号",
                "registration_number": "C00013330912024010435441",
                "model_clause": "",
            }
        ],
        "components": [
            {
                "name": "物质损失",
                "event": "保险期间内因火灾、爆炸、泄漏、停电等意外造成保险标的直接物质损失",
                "exclusions": "战争、核辐射、故意行为、自然磨损",
                "limit_fen": 500_000_000_000,
                "deductible_fen": 50_000_000,
                "waiting_days": 0,
                "basis": "indemnity",
            }
        ],
        "documents": [],
    } | changes


async def upload(
    world: World, who: str = "clerk", kind: str = "clause_text", name: str = "clause.pdf"
) -> int:
    """Upload a small PDF; returns its id."""
    answer = await world.client.post(
        "/api/v1/documents",
        files={"file": (name, io.BytesIO(PDF + kind.encode()), "application/pdf")},
        data={"kind": kind},
        headers=world.headers[who],
    )
    assert answer.status_code == 201, answer.text
    document_id: int = answer.json()["id"]
    return document_id


async def make_draft(world: World, who: str = "clerk", **changes: Any) -> str:
    """A draft with the documents that the filing rules ask for; returns the product's number."""
    documents = [
        {"id": await upload(world, who, "clause_text"), "public": True},
        {"id": await upload(world, who, "rate_table", "rates.pdf"), "public": False},
    ]
    state = await world.post(who, "/products", draft(documents=documents, **changes))
    number: str = state["number"]
    return number


async def make_reviewed(world: World, who: str = "clerk", **changes: Any) -> str:
    """A product that has been submitted, accepted, reviewed and recommended for entry."""
    number = await make_draft(world, who, **changes)
    await world.post(who, f"/products/{number}/submission")
    await world.post("officer", f"/products/{number}/acceptance")
    await world.post("officer", f"/products/{number}/review")
    await world.post("officer", f"/products/{number}/recommendation", {"enter": True})
    return number


async def make_in_library(world: World, who: str = "clerk", **changes: Any) -> str:
    """A product in the library; returns its number."""
    number = await make_reviewed(world, who, **changes)
    await world.post("approver", f"/products/{number}/entry")
    return number
