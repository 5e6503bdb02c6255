"""One product of the demo on its way, taken step by step through the public use cases."""

from __future__ import annotations

from datetime import date
from typing import Any

from catalogue.forms import (
    CorrectionForm,
    DraftForm,
    EffectiveForm,
    NoteForm,
    ProductForm,
    RecommendationForm,
    ResponseForm,
    ReturnForm,
)
from catalogue.products import decision, documents, drafts, filing, library
from catalogue.rules.nouns import DocumentKind
from service.auth import Actor
from service.demo import papers, people, texts
from service.demo.plot import Act
from service.demo.texts import Row
from service.kernel.calendar import local_day
from service.kernel.db import sql_row
from service.kernel.money import format_ppm

_REJECTIONS = {
    "rejected": "所附备案证明与条款名称不一致，且保障责任与产品类型不符，不予入库。",
    "duplicate": "与本机构在库产品为同一条款、同一责任，应以新版本方式报送，不予入库。",
}
_NOTES = (
    "已与注册平台核对备案编号，一致。",
    "费率表与条款版本对应，未见异常。",
    "建议关注责任免除的提示方式，已电话提醒机构。",
    "已比对相似产品，责任范围有实质差别。",
)


class Filing:
    """A product of the demo: its people, its draft, and one method for each verb of the plot."""

    def __init__(self, row: Row, actors: dict[str, Actor]) -> None:
        number, self.insurer = people.insurer(row.insurer)
        self.row = row
        self.clerk = actors[people.login_of("clerk", number)]
        self.manager = actors[people.login_of("manager", number)]
        self.officer = actors["officer" if row.number % 2 else "officer2"]
        self.approver = actors["approver" if row.number % 3 else "approver2"]
        self.other_approver = actors["approver2" if row.number % 3 else "approver"]
        self.form = texts.draft_of(row, self.insurer)
        self.number = ""

    async def take(self, act: Act) -> None:
        """Carry out one act; the clock has been set by the caller."""
        await getattr(self, act.verb)(act.value)

    async def draft(self, _: str) -> None:
        self.form["documents"] = await self._papers()
        form = ProductForm(**self.form, type_code=self.row.type)
        self.number = (await drafts.create_product(self.clerk, form)).number

    async def _papers(self) -> list[dict[str, Any]]:
        title, form = self.form["clauses"][0]["title"], self.form
        rates = [f"费率区间：{format_ppm(form['rate_min_ppm'])} 至 "]
        rates[0] += format_ppm(form["rate_max_ppm"])
        wanted = [
            (DocumentKind.CLAUSE_TEXT, f"{title}.pdf", texts.clause_paragraphs(form), True),
            (DocumentKind.RATE_TABLE, f"{self.row.name}费率表.pdf", rates, False),
        ]
        if self.row.number % 3:
            proof = [form["clauses"][0]["registration_number"], "备案回执（演示材料）"]
            wanted.append((DocumentKind.FILING_PROOF, "备案回执.pdf", proof, False))
        found = []
        for kind, name, lines, public in wanted:
            content = papers.pdf(name.removesuffix(".pdf"), [self.insurer.name, "", *lines])
            stored = await documents.store(self.clerk, name, kind, content)
            found.append({"id": stored.id, "public": public})
        return found

    async def submit(self, _: str) -> None:
        await filing.submit(self.manager, self.number, NoteForm())

    async def resubmit(self, _: str) -> None:
        form = NoteForm(note="已按审核意见逐条补正。")
        await filing.submit(self.manager, self.number, form)

    async def accept(self, _: str) -> None:
        await filing.accept(self.officer, self.number, NoteForm())

    async def review(self, _: str) -> None:
        await filing.begin_review(self.officer, self.number, NoteForm())

    async def note(self, _: str) -> None:
        form = ResponseForm(text=_NOTES[self.row.number % len(_NOTES)])
        await filing.write_note(self.officer, self.number, form)

    async def give_back(self, issue: str) -> None:
        objection = texts.objections()[issue]
        raised = [{"field": objection["field"], "text": objection["text"]}]
        if self.row.number % 2:
            raised.append({"field": "contact_phone", "text": "请补充产品咨询电话的分机号。"})
        form = ReturnForm.model_validate({"objections": raised})
        await filing.give_back(self.officer, self.number, form)

    async def respond(self, issue: str) -> None:
        objection = texts.objections()[issue]
        await self._answer(1, objection["answer"])
        if self.row.number % 2:
            await self._answer(2, "已补充分机号。")
            self.form["contact_phone"] = f"{self.insurer.contact_phone}转{8001 + self.row.number}"
        amend(self.form, objection)
        await self._rewrite()

    async def _answer(self, number: int, text: str) -> None:
        await filing.respond(self.clerk, self.number, number, ResponseForm(text=text))

    async def _rewrite(self) -> None:
        await drafts.change_draft(self.clerk, self.number, DraftForm(**self.form), None)

    async def recommend(self, _: str) -> None:
        form = RecommendationForm(enter=True, note="材料齐备，条款与费率已核对，建议入库。")
        await filing.recommend(self.officer, self.number, form)

    async def recommend_no(self, _: str) -> None:
        form = RecommendationForm(enter=False, note="存在实质性问题，建议不予入库。")
        await filing.recommend(self.officer, self.number, form)

    async def enter(self, wrong_day: str) -> None:
        day = date.fromisoformat(wrong_day) if wrong_day else None
        await decision.enter(self.approver, self.number, EffectiveForm(effective_on=day))

    async def reject(self, _: str) -> None:
        await decision.reject(self.approver, self.number, NoteForm(note=_REJECTIONS[self.row.path]))

    async def abandon(self, _: str) -> None:
        form = NoteForm(note="公司产品规划调整，撤回本次报送。")
        await filing.abandon(self.manager, self.number, form)

    async def suspend(self, _: str) -> None:
        form = EffectiveForm(note="机构来函：条款修订备案期间暂停承保。")
        await library.change_standing(self.approver, self.number, "suspend", form)

    async def resume(self, _: str) -> None:
        form = EffectiveForm(note="修订条款已备案，恢复承保。")
        await library.change_standing(self.approver, self.number, "resume", form)

    async def withdraw(self, _: str) -> None:
        form = EffectiveForm(note="产品停售，申请退出产品库。")
        await library.change_standing(self.manager, self.number, "withdraw", form)

    async def correct(self, _: str) -> None:
        fact = await sql_row(
            "SELECT f.id, v.decided_at FROM library_fact f JOIN product p ON p.id = f.product"
            " JOIN product_version v ON v.id = f.version WHERE p.number = $1",
            self.number,
        )
        assert fact is not None
        day = local_day(fact["decided_at"])
        form = CorrectionForm(
            fact_id=fact["id"],
            effective_on=day,
            note="入库生效日误录为受理当月首日，按批准日更正。",
        )
        await library.correct(self.other_approver, self.number, form)

    async def start_version(self, _: str) -> None:
        await drafts.start_version(self.clerk, self.number)
        renew(self.form)
        await self._rewrite()


def amend(form: dict[str, Any], objection: dict[str, Any]) -> None:
    """Put an objection right in the form."""
    field, _, rest = objection["field"].partition(".")
    if "scale" in objection:
        form[field] = texts.scaled(form[field], objection["scale"])
    elif rest:
        position, _, name = rest.partition(".")
        parts = [dict(part) for part in form[field]]
        parts[int(position)][name] += objection["append"]
        form[field] = parts
    elif isinstance(form[field], list):
        form[field] = [*form[field], objection["append"]]
    elif field != "name":
        form[field] += objection["append"]


def renew(form: dict[str, Any]) -> None:
    """What a new version changes: a lower rate, a higher sum, one more sentence."""
    form["rate_max_ppm"] = texts.scaled(form["rate_max_ppm"], 90)
    form["sum_max_fen"] = texts.scaled(form["sum_max_fen"], 150)
    form["summary"] += "新版提高最高保险金额，下调最高费率，并简化理赔材料。"
    parts = [dict(part) for part in form["components"]]
    parts[0]["limit_fen"] = texts.scaled(parts[0]["limit_fen"], 120)
    form["components"] = parts
