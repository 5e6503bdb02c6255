"""The drafting form of a product: labels, choices, uploads and what stands beside the fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from litestar import Request

from catalogue.forms import DraftForm, ProductForm
from catalogue.products import documents, types
from catalogue.rules.nouns import Basis, ClauseKind, DocumentKind, Stage
from service.auth import Actor
from service.kernel.errors import DomainError
from service.web.forms import Form, read_form

COMMON_INDUSTRY_TYPES = 3
"""An industry that so many product types name is offered to every product."""
LABELS = {
    "type_code": "产品类型",
    "insurer": "报送机构",
    "insurer.uscc": "统一社会信用代码",
    "insurer.licence_number": "保险许可证号",
    "name": "产品名称",
    "summary": "产品简介",
    "main_section": "主要责任部分",
    "stages": "所处环节",
    "industries": "适用行业",
    "target_enterprises": "适用企业",
    "eligibility": "投保条件",
    "evidence": "投保所需材料",
    "rate_min_ppm": "最低费率",
    "rate_max_ppm": "最高费率",
    "sum_min_fen": "最低保险金额",
    "sum_max_fen": "最高保险金额",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "contact_email": "电子邮箱",
    "clauses": "条款",
    "clauses.kind": "类别",
    "clauses.title": "条款名称",
    "clauses.file_number": "备案编号",
    "clauses.registration_number": "注册号",
    "clauses.model_clause": "所用示范条款",
    "components": "保障责任",
    "components.name": "责任名称",
    "components.event": "保险事故（保什么）",
    "components.exclusions": "责任免除（不保什么）",
    "components.limit_fen": "责任限额",
    "components.deductible_fen": "免赔额",
    "components.deductible_ppm": "免赔率",
    "components.waiting_days": "等待期",
    "components.basis": "赔偿基础",
    "documents": "材料",
    "documents.public": "向公众公开",
    "upload.file": "选择文件",
    "upload.kind": "材料类别",
    "objections": "审核意见",
    "note": "说明",
    "effective_on": "生效日期",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person pressed, and the revision the page was made from."""

    action: str
    revision: int | None
    overwrite: int | None
    note: str

    @property
    def base(self) -> int | None:
        """The revision the change rests on; the newer one when it is knowingly overwritten."""
        return self.overwrite if self.overwrite is not None else self.revision


def _number(text: object) -> int | None:
    plain = str(text or "")
    return int(plain) if plain.isdigit() and len(plain) < 10 else None


async def read_draft(
    request: Request[Any, Any, Any], actor: Actor, model: type[DraftForm]
) -> tuple[Form[Any], Asked]:
    """Read a posted drafting form; an uploaded file is stored and joins the documents.

    A file that is refused leaves a finding at ``upload.file``; everything typed is kept.
    """
    form: Form[Any] = await read_form(request, model, LABELS)
    posted = await request.form()
    action = str(posted.get("_action") or "save")
    name, _, revision = action.partition("-")
    asked = Asked(
        name, _number(posted.get("_revision")), _number(revision), str(posted.get("_note") or "")
    )
    upload = form.values.pop("upload", None)
    await _take_upload(form, actor, upload if isinstance(upload, dict) else {})
    return form, asked


async def _take_upload(form: Form[Any], actor: Actor, fields: dict[str, Any]) -> None:
    file = form.files.get("upload.file")
    if file is None:
        return
    try:
        content = await file.read(documents.SIZE_MAX_BYTES + 1)
        stored = await documents.store(actor, file.filename, str(fields.get("kind") or ""), content)
    except DomainError as error:
        form.add(replace(f, field=f"upload.{f.field}") for f in error.findings)
        return
    rows = form.values.get("documents")
    added = {"id": str(stored.id), **({"public": "1"} if fields.get("public") else {})}
    form.values["documents"] = [*(rows if isinstance(rows, list) else []), added]


def blank(kind: dict[str, Any]) -> Form[Any]:
    """An empty form for a product of a type; the type's stage is ticked."""
    values = {"type_code": kind["code"], "stages": [kind["stage"]]}
    return Form(ProductForm, LABELS, values)


async def attached(actor: Actor, form: Form[Any]) -> dict[str, documents.StoredDocument]:
    """The documents that the form names, by id as text; foreign ones are left out."""
    rows = form.raw("documents")
    ids = [_number(row.get("id")) for row in rows or [] if isinstance(row, dict)]
    found = await documents.briefs(actor, [i for i in ids if i is not None])
    return {str(document.id): document for document in found}


async def choices(kind: dict[str, Any], form: Form[Any]) -> dict[str, list[tuple[str, str]]]:
    """The options of every choice on the form."""
    return {
        "stages": Stage.choices(),
        "industries": _industries(await types.list_types(), kind, form.chosen("industries")),
        "clause_kinds": ClauseKind.choices(),
        "bases": Basis.choices(),
        "document_kinds": DocumentKind.choices(),
    }


def _industries(
    every: Iterable[dict[str, Any]], kind: dict[str, Any], chosen: list[str]
) -> list[tuple[str, str]]:
    """Industries of this type first, then the common ones, then what was typed besides."""
    counts: dict[str, int] = {}
    for row in every:
        for name in row["industries"]:
            counts[name] = counts.get(name, 0) + 1
    common = [n for n, count in counts.items() if count >= COMMON_INDUSTRY_TYPES]
    common.sort(key=lambda name: -counts[name])
    return [(name, name) for name in dict.fromkeys([*kind["industries"], *common, *chosen])]
