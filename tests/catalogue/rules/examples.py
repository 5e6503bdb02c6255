"""Valid facts by default; a test states only what it is about."""

from __future__ import annotations

import dataclasses
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from catalogue.rules.facts import (
    CandidateFacts,
    ClauseFacts,
    ComponentFacts,
    DocumentFacts,
    InsurerFacts,
    VersionFacts,
)
from catalogue.rules.filing import FilingRules, filing_rules
from service.kernel.calendar import SHANGHAI
from service.kernel.rulebook import RuleBook, load

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases" / "catalogue"
BOOK = ROOT / "catalogue" / "rules" / "books" / "filing" / "eastlake-example-2025.toml"
USCC = "91110000600037341L"


def book() -> RuleBook:
    return load(BOOK.read_text())


def rules(**changes: Any) -> FilingRules:
    return dataclasses.replace(filing_rules(book()), **changes)


def cases(name: str) -> list[dict[str, Any]]:
    return tomllib.loads((CASES / f"{name}.toml").read_text())["case"]


def moment(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)
    return datetime(value.year, value.month, value.day, 12, tzinfo=SHANGHAI)


def clause(**changes: Any) -> ClauseFacts:
    return dataclasses.replace(
        ClauseFacts(
            kind="main",
            title="研发费用损失保险条款",
            file_number="(国泰产险)(备-责任保险)【2021】(主)053号",
            registration_number="C00013330912022010435441",
        ),
        **changes,
    )


def rider(**changes: Any) -> ClauseFacts:
    return dataclasses.replace(
        ClauseFacts(
            kind="rider",
            title="附加重复试验费用条款",
            file_number="(国泰产险)(备-责任保险)【2022】(附)007号",
            registration_number="C00013330922022010535442",
        ),
        **changes,
    )


def component(**changes: Any) -> ComponentFacts:
    return dataclasses.replace(
        ComponentFacts(
            name="研发费用损失",
            event="研发项目因意外事故终止，已投入的研发费用不能收回",
            exclusions="故意行为；战争；已知的技术缺陷",
            limit_fen=500_000_00,
            deductible_fen=10_000_00,
            deductible_ppm=100_000,
            waiting_days=30,
            basis="indemnity",
        ),
        **changes,
    )


def document(**changes: Any) -> DocumentFacts:
    return dataclasses.replace(DocumentFacts(1, "clause_text", "条款.pdf", "ab" * 32), **changes)


def version(**changes: Any) -> VersionFacts:
    return dataclasses.replace(
        VersionFacts(
            name="国泰科技项目研发费用损失保险（芯片版）",
            type_code="PT001",
            type_name="科技项目研发费用损失保险",
            type_stage="research",
            insurer_id=1,
            insurer_name="国泰财产保险有限责任公司",
            summary="为芯片企业的研发项目提供费用补偿。",
            stages=("research",),
            industries=("集成电路",),
            target_enterprises="芯片设计企业",
            eligibility="研发项目已立项",
            evidence=("立项批复",),
            rate_min_ppm=5_000,
            rate_max_ppm=20_000,
            sum_min_fen=100_000_00,
            sum_max_fen=10_000_000_00,
            contact_name="张敏",
            contact_phone="027-87654321",
            contact_email="zhang@example.cn",
            clauses=(clause(), rider()),
            components=(component(),),
            documents=(
                document(),
                document(id=2, kind="rate_table", file_name="费率表.pdf", sha256="cd" * 32),
                document(id=3, kind="filing_proof", file_name="备案.pdf", sha256="ef" * 32),
            ),
        ),
        **changes,
    )


def insurer(**changes: Any) -> InsurerFacts:
    return dataclasses.replace(
        InsurerFacts(
            kind="insurer",
            active=True,
            uscc=USCC,
            legal_root=USCC,
            licence_number="P10111SHH",
            name="国泰财产保险有限责任公司",
            short_name="国泰产险",
        ),
        **changes,
    )


def candidate(**changes: Any) -> CandidateFacts:
    return dataclasses.replace(
        CandidateFacts(
            number="P-2025-000009",
            insurer_id=2,
            insurer_name="易安财产保险股份有限公司",
            name="易安卫星在轨保险",
            type_code="PT043",
            status="in_library",
        ),
        **changes,
    )
