"""A library of 100,000 products with texts as insurers write them, in COPY batches.

Names, words and codes are drawn from a seeded generator, so two runs load the same rows. Search
texts, tokens and sort keys are made by the program's own functions. Triggers are off while loading;
indexes and constraints are the migrated ones.
"""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import asyncpg

from catalogue.products.search import fold, search_tokens
from service.kernel.names import sort_key
from service.kernel.numbering import make_uscc

PRODUCTS = 100_000
INSURERS = 60
RARE_WORD = "核聚变"
RARE_EVERY = 5_000
BATCH = 5_000
START = datetime(2025, 7, 1, 1, 0, tzinfo=UTC)

_PLACES = [
    "长江",
    "东湖",
    "光谷",
    "荆楚",
    "江汉",
    "珞珈",
    "汉水",
    "楚天",
    "华中",
    "中部",
    "九州",
    "昆仑",
    "泰山",
    "黄河",
    "南湖",
]
_FORMS = ["财产保险", "科技保险", "责任保险", "信用保险"]
_DISTRICTS = ["东湖高新区", "江汉区", "武昌区", "江岸区", "洪山区", "汉阳区", "硚口区", "青山区"]
_STAGES = ("research", "production", "market", "conversion")
_STAGE_NAMES = dict(zip(_STAGES, ("创新研发", "生产运营", "市场推广", "成果转化"), strict=True))
_INDUSTRIES = [
    "集成电路",
    "光电子",
    "生物医药",
    "人工智能",
    "高端装备",
    "新材料",
    "电子信息",
    "汽车",
    "航空航天",
    "软件",
    "农业科技",
    "新能源",
]
_OBJECTS = [
    "晶圆厂",
    "光模块",
    "创新药",
    "医疗器械",
    "工业机器人",
    "激光装备",
    "北斗终端",
    "无人机",
    "动力电池",
    "数据中心",
    "操作系统",
    "大模型",
    "传感器",
    "芯片",
    "显示面板",
    "商业航天",
    "量子测量",
    "合成生物",
    "智能网联汽车",
    "氢能装备",
]
_EDITIONS = [
    "光谷版",
    "普惠版",
    "专属版",
    "首台套版",
    "园区版",
    "2024版",
    "2025版",
    "2026版",
    "升级版",
    "A款",
    "B款",
]
_TARGETS = (
    "在武汉东湖高新区注册、从事{object}制造或封装测试的企业",
    "取得高新技术企业证书的{object}研发机构",
    "使用{object}的科技型中小企业及其配套单位",
    "从事{object}成果转化的高校院所与概念验证中心",
)
_SUMMARIES = (
    "承保{object}厂房、洁净室、工艺设备与在制品的物质损失。",
    "承保{object}研发项目因设备损坏、关键人员缺位而中断的费用。",
    "承保{object}产品缺陷造成第三者人身伤亡和财产损失的赔偿责任。",
    "承保{object}首次应用未达到约定指标时的更换与修理费用。",
)
_PARTS = (
    ("物质损失", "因火灾、爆炸、泄漏等意外造成保险标的直接物质损失", "战争、核辐射、故意行为"),
    ("费用损失", "因保险事故支出的必要、合理的施救、清理与鉴定费用", "正常经营成本、罚款"),
    ("第三者责任", "因意外事故造成第三者人身伤亡或财产损失的赔偿责任", "合同违约责任、自然磨损"),
    ("研发中断", "因承保的物质损失使研发项目中断而增加的费用", "预算超支、指标调整"),
)  # fmt: skip
_EVIDENCE = ["营业执照", "设备清单与价值证明", "消防验收文件", "项目立项书"]
_BASES = ("occurrence", "claims_made", "agreed_value", "indemnity")
_KINDS = (("clause_text", True), ("rate_table", False), ("summary", True))


_key = cache(sort_key)


def _uscc(serial: int) -> str:
    return make_uscc("91420100", f"MA4L{serial:04d}")


def _insurers() -> list[tuple[Any, ...]]:
    names = [f"示例{place}{form}股份有限公司" for place in _PLACES for form in _FORMS]
    return [
        (
            n, _uscc(n), _uscc(n), "insurer", name, name[2:8], sort_key(name),
            _DISTRICTS[n % len(_DISTRICTS)], "", "", True, 1, START,
        )
        for n, name in enumerate(names[:INSURERS], 1)
    ]  # fmt: skip


def _version(
    n: int, draw: random.Random, kind: asyncpg.Record, insurer: tuple[Any, ...]
) -> tuple[tuple[Any, ...], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """A version row with its clauses and components."""
    thing = draw.choice(_OBJECTS)
    parts = ("示例", insurer[5][:2], kind["name"], "（", thing, draw.choice(_EDITIONS), "）")
    name, key = "".join(parts), " ".join(map(_key, parts))
    summary = draw.choice(_SUMMARIES).format(object=thing)
    if n % RARE_EVERY == 0:
        summary += f"扩展承保{RARE_WORD}装置。"
    target = draw.choice(_TARGETS).format(object=thing)
    stages = sorted({kind["stage"], draw.choice(_STAGES)} if n % 3 == 0 else {kind["stage"]})
    industries = draw.sample(_INDUSTRIES, 1 + n % 3)
    clauses = [
        (
            n, position, ("main", "rider")[position > 1], f"{kind['name']}{tail}条款",
            f"({insurer[5]})(备-企业财产保险)【2024】({'主附'[position > 1]}){n % 1000:03d}号",
            f"C0001333{position}912024{n:09d}", "",
        )
        for position, tail in enumerate(("", "附加清理费用")[: 1 + n % 2], 1)
    ]  # fmt: skip
    components = [
        (n, position, part[0], part[1], part[2], 10_000_000 * (n % 500 + 1), 50_000 * (n % 20),
         None, n % 30, _BASES[n % 4])
        for position, part in enumerate(draw.sample(_PARTS, 2), 1)
    ]  # fmt: skip
    words = [name, kind["name"], insurer[4], summary, target, *industries]
    words += [_STAGE_NAMES[stage] for stage in stages]
    words += [text for c in components for text in (c[2], c[3])]
    words += [text for c in clauses for text in (c[3], c[4])] + [c[5] for c in clauses]
    text = fold("\n".join(words))
    moment = START + timedelta(minutes=5 * n)
    low, money = 500 + n % 3000, 100_000_000 * (n % 90 + 1)
    row = (
        n, n, 1, "in_library", 3, name[:120], key[:400], summary, "财产损失", stages,
        industries, target, "投保前完成现场风险查勘", _EVIDENCE, low, low * 4, money, money * 50,
        "示例联系人", "027-00000001", "product@insurer.example", text, search_tokens(text),
        moment, 1, moment, 1, "enter", moment, 1, json.dumps({"enter": True}),
    )  # fmt: skip
    return row, clauses, components


_COLUMNS = {
    "organisation": "id uscc legal_root kind name short_name sort_key district licence_number"
    " contact active revision created_at",
    "eastlake_user": "id organisation login name password_hash roles active revision created_at",
    "product": "id number insurer product_type status current_version created_at created_by",
    "product_version": "id product number status revision name sort_key summary main_section"
    " stages industries target_enterprises eligibility evidence rate_min_ppm rate_max_ppm"
    " sum_min_fen sum_max_fen contact_name contact_phone contact_email search_text search_tokens"
    " created_at created_by submitted_at reviewed_by recommendation decided_at decided_by decision",
    "clause": "version position kind title file_number registration_number model_clause",
    "component": "version position name event exclusions limit_fen deductible_fen deductible_ppm"
    " waiting_days basis",
    "document_content": "id sha256 size_bytes content",
    "document": "id organisation content file_name media_type kind uploaded_at uploaded_by",
    "version_document": "version document public",
    "library_fact": "product version status district effective_on recorded_at recorded_by"
    " journal_event",
}
Batch = dict[str, list[tuple[Any, ...]]]


def number_of(n: int) -> str:
    """The business number of the n-th product."""
    return f"P-2025-{n:06d}"


def _batches(types: list[asyncpg.Record], products: int, first_document: int) -> Iterator[Batch]:
    draw = random.Random(2025)
    insurers = _insurers()
    batch: Batch = {}
    for n in range(1, products + 1):
        kind, insurer = types[n * 7 % len(types)], insurers[n * 7919 % INSURERS]
        version, clauses, components = _version(n, draw, kind, insurer)
        moment = version[23]
        fact = (
            n,
            n,
            "in_library",
            insurer[7],
            date(2025, 7, 1) + timedelta(n // 300),
            moment,
            1,
            n,
        )
        rows = batch.setdefault
        rows("product", []).append(
            (n, number_of(n), insurer[0], kind["id"], "in_library", n, moment, 1)
        )
        rows("product_version", []).append(version)
        rows("clause", []).extend(clauses)
        rows("component", []).extend(components)
        rows("library_fact", []).append(fact)
        for k, (_, public) in enumerate(_KINDS[: 2 + n % 2]):
            document = first_document + (insurer[0] - 1) * len(_KINDS) + k
            rows("version_document", []).append((n, document, public))
        if n % BATCH == 0 or n == products:
            yield batch
            batch = {}


def _papers() -> Batch:
    """Three documents of each insurer; their bytes are short, as no list or record reads them."""
    batch: Batch = {"document_content": [], "document": []}
    for insurer in range(1, INSURERS + 1):
        for k, (kind, _) in enumerate(_KINDS):
            n = (insurer - 1) * len(_KINDS) + k + 1
            batch["document_content"].append((n, f"{n:064x}", 4, b"%PDF"))
            batch["document"].append(
                (n, insurer, n, f"{kind}-{n}.pdf", "application/pdf", kind, START, 1)
            )
    return batch


async def fill_library(connection: asyncpg.Connection, products: int) -> None:
    """Fill empty migrated tables inside a transaction; product types must be there already."""
    types = await connection.fetch("SELECT id, name, stage FROM product_type ORDER BY code")
    user = [(1, 1, "bench", "示例用户", "-", ["insurer_clerk"], True, 1, START)]
    first: Batch = {"organisation": _insurers(), "eastlake_user": user} | _papers()
    for table in _COLUMNS:
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for batch in (first, *_batches(types, products, 1)):
        for table, rows in batch.items():
            await connection.copy_records_to_table(
                table, records=rows, columns=_COLUMNS[table].split()
            )
    for table in _COLUMNS:
        await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    await connection.execute("SELECT shelf_refresh(ARRAY(SELECT id FROM product))")


async def load_library(connection: asyncpg.Connection, products: int = PRODUCTS) -> None:
    """Fill an empty database for good, and let the planner know."""
    gc.freeze()
    gc.disable()
    async with connection.transaction():
        await fill_library(connection, products)
    gc.enable()
    for table in (*_COLUMNS, "shelf_item"):
        await connection.execute(f"VACUUM ANALYZE {table}")
