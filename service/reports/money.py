"""Lists of objects, enrolments, quotas, applications, objections, payments, recoveries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

from catalogue.enrolments import records
from catalogue.rules.subsidy.nouns import (
    BatchStatus,
    EnrolmentStatus,
    ObjectionStatus,
    PayeeStatus,
    QualificationStatus,
    RecoveryCause,
    RecoveryStatus,
    SubjectKind,
    SubsidyStatus,
)
from catalogue.subsidies import listing, objections, payee_accounts, recoveries
from service.api import PAGE_MAX
from service.auth import COMMITTEE, INSURER, Actor, Role
from service.kernel.bank_accounts import mask_account
from service.reports.shape import Column, Kind, Params, Report, Row

Ask = Callable[[str | None], Awaitable[tuple[list[Any], str | None]]]
_PAYEES = {"firm": "企业", "insurer": "保险机构"}
_PAYMENT_ZH = {"pending": "待付", "paid": "已付", "failed": "失败"}
_ENROLMENT = (
    Column("number", "登记编号", width=18),
    Column("status", "状态"),
    Column("kind", "类别"),
    Column("enterprise", "企业", width=30),
    Column("enterprise_uscc", "统一社会信用代码", width=24),
    Column("object", "标的编号", width=18),
    Column("object_name", "标的", width=34),
    Column("policy_number", "保单号", width=26),
    Column("insurer", "保险机构", width=18),
    Column("start_on", "起保日期", Kind.DAY, 12),
    Column("end_on", "终止日期", Kind.DAY, 12),
    Column("sum_insured_fen", "保险金额", Kind.FEN, 20),
    Column("submitted_at", "提交时间", Kind.MOMENT, 20),
    Column("certificate_code", "承保证明核验码", width=24),
)
_OBJECT = (
    Column("number", "标的编号", width=18),
    Column("kind", "类别"),
    Column("name", "标的", width=34),
    Column("owner", "企业", width=30),
    Column("item", "目录条目", width=24),
    Column("value_fen", "价值", Kind.FEN, 20),
)
_QUALIFICATION = (
    Column("number", "资格编号", width=18),
    Column("status", "状态"),
    Column("enterprise", "企业", width=30),
    Column("enterprise_uscc", "统一社会信用代码", width=24),
    Column("object", "标的编号", width=18),
    Column("object_name", "标的", width=34),
    Column("asked_fen", "申请额度", Kind.FEN, 20),
    Column("quota_fen", "核定额度", Kind.FEN, 20),
    Column("drawn_fen", "已用额度", Kind.FEN, 20),
    Column("left_fen", "剩余额度", Kind.FEN, 20),
    Column("valid_from", "有效期起", Kind.DAY, 12),
    Column("valid_to", "有效期至", Kind.DAY, 12),
)
_APPLICATION = (
    Column("number", "申请编号", width=18),
    Column("status", "状态"),
    Column("scheme", "项目代码", width=20),
    Column("scheme_name", "补贴项目", width=34),
    Column("enterprise", "企业", width=30),
    Column("enterprise_uscc", "统一社会信用代码", width=24),
    Column("lines", "明细行数", Kind.WHOLE, 10),
    Column("assessed_fen", "测算金额", Kind.FEN, 16),
    Column("approved_fen", "批准金额", Kind.FEN, 16),
    Column("paid_fen", "已拨付", Kind.FEN, 16),
    Column("submitted_at", "提交时间", Kind.MOMENT, 20),
    Column("notice", "公示编号", width=18),
)
_OBJECTION = (
    Column("number", "异议编号", width=18),
    Column("status", "状态"),
    Column("application", "申请编号", width=18),
    Column("line", "明细行", Kind.WHOLE, 8),
    Column("received_at", "收到时间", Kind.MOMENT, 20),
    Column("decide_by", "决定期限", Kind.DAY, 12),
    Column("text", "异议内容", width=50),
    Column("outcome", "决定", width=50),
    Column("decided_at", "决定时间", Kind.MOMENT, 20),
)
_PAYMENT = (
    Column("batch", "批次", width=18),
    Column("batch_status", "批次状态"),
    Column("scheme", "项目代码", width=20),
    Column("item", "序号", Kind.WHOLE, 8),
    Column("application", "申请编号", width=18),
    Column("policy", "保单号", width=26),
    Column("payee_kind", "收款方"),
    Column("payee_name", "收款户名", width=30),
    Column("account_number", "收款账号", width=20),
    Column("bank_name", "开户银行", width=30),
    Column("amount_fen", "金额", Kind.FEN, 16),
    Column("status", "结果"),
    Column("paid_on", "付款日期", Kind.DAY, 12),
    Column("bank_reference", "银行流水号", width=24),
    Column("failure", "失败原因", width=30),
)
_RECOVERY = (
    Column("number", "追回编号", width=18),
    Column("status", "状态"),
    Column("cause", "原因"),
    Column("application", "申请编号", width=18),
    Column("policy", "保单号", width=26),
    Column("enterprise", "企业", width=30),
    Column("debtor", "应缴单位", width=30),
    Column("amount_fen", "应缴", Kind.FEN, 16),
    Column("received_fen", "已缴", Kind.FEN, 16),
    Column("due_on", "缴回期限", Kind.DAY, 12),
)
_ACCOUNT = (
    Column("organisation", "保险机构", width=30),
    Column("uscc", "统一社会信用代码", width=24),
    Column("status", "状态"),
    Column("account_name", "户名", width=30),
    Column("account_number", "账号", width=20),
    Column("bank_name", "开户银行", width=30),
    Column("recorded_by", "登记人"),
    Column("recorded_at", "登记时间", Kind.MOMENT, 20),
    Column("decided_at", "核验时间", Kind.MOMENT, 20),
    Column("note", "说明", width=30),
)


async def _all(
    ask: Ask, columns: tuple[Column, ...], words: dict[str, dict[str, str]]
) -> AsyncIterator[Row]:
    """The rows of all pages; `words` are the Chinese words of a column's values."""
    cursor: str | None = None
    while True:
        items, cursor = await ask(cursor)
        for item in items:
            values = [
                item[c.name] if isinstance(item, dict) else getattr(item, c.name) for c in columns
            ]
            yield [
                words[c.name].get(value, value) if c.name in words else value
                for c, value in zip(columns, values, strict=True)
            ]
        if cursor is None:
            return


def _enrolments(actor: Actor, params: Params) -> AsyncIterator[Row]:
    q, status, kind = (params.get(name) or None for name in ("q", "status", "kind"))

    async def ask(cursor: str | None) -> tuple[list[Any], str | None]:
        page = await records.enrolment_page(actor, q, status, kind, cursor, PAGE_MAX)
        return page["items"], page["next"]

    words = {"status": dict(EnrolmentStatus.choices()), "kind": dict(SubjectKind.choices())}
    return _all(ask, _ENROLMENT, words)


def _objects(actor: Actor, params: Params) -> AsyncIterator[Row]:
    q, kind = (params.get(name) or None for name in ("q", "kind"))

    async def ask(cursor: str | None) -> tuple[list[Any], str | None]:
        page = await records.object_page(actor, q, kind, cursor, PAGE_MAX)
        return page["items"], page["next"]

    return _all(ask, _OBJECT, {"kind": dict(SubjectKind.choices())})


def _qualifications(actor: Actor, params: Params) -> AsyncIterator[Row]:
    q, status = (params.get(name) or None for name in ("q", "status"))

    async def ask(cursor: str | None) -> tuple[list[Any], str | None]:
        page = await records.qualification_page(actor, q, status, cursor, PAGE_MAX)
        return page["items"], page["next"]

    return _all(ask, _QUALIFICATION, {"status": dict(QualificationStatus.choices())})


def _applications(actor: Actor, params: Params) -> AsyncIterator[Row]:
    q, status, scheme = (params.get(name) or None for name in ("q", "status", "scheme"))

    async def ask(cursor: str | None) -> tuple[list[Any], str | None]:
        page = await listing.application_page(actor, status, scheme, None, cursor, PAGE_MAX, q)
        return list(page.items), page.next

    return _all(ask, _APPLICATION, {"status": dict(SubsidyStatus.choices())})


def _objections(actor: Actor, params: Params) -> AsyncIterator[Row]:
    q, status = (params.get(name) or None for name in ("q", "status"))

    async def ask(cursor: str | None) -> tuple[list[Any], str | None]:
        page = await objections.objection_page(actor, status, q, cursor, PAGE_MAX)
        return list(page.items), page.next

    return _all(ask, _OBJECTION, {"status": dict(ObjectionStatus.choices())})


def _payments(actor: Actor, params: Params) -> AsyncIterator[Row]:
    scheme, status, q = (params.get(name) or None for name in ("scheme", "status", "q"))

    async def ask(cursor: str | None) -> tuple[list[Any], str | None]:
        items, following = await listing.payment_rows(scheme, status, q, cursor, PAGE_MAX)
        return list(items), following

    words = {
        "batch_status": dict(BatchStatus.choices()),
        "payee_kind": _PAYEES,
        "status": _PAYMENT_ZH,
    }
    return _all(ask, _PAYMENT, words)


def _recoveries(actor: Actor, params: Params) -> AsyncIterator[Row]:
    q, status = (params.get(name) or None for name in ("q", "status"))

    async def ask(cursor: str | None) -> tuple[list[Any], str | None]:
        page = await recoveries.recovery_page(actor, status, q, cursor, PAGE_MAX)
        return list(page.items), page.next

    words = {"status": dict(RecoveryStatus.choices()), "cause": dict(RecoveryCause.choices())}
    return _all(ask, _RECOVERY, words)


def _accounts(actor: Actor, params: Params) -> AsyncIterator[Row]:
    q, status = (params.get(name) or None for name in ("q", "status"))

    async def ask(cursor: str | None) -> tuple[list[Any], str | None]:
        page = await payee_accounts.account_page(actor, status, q, cursor, PAGE_MAX)
        items = [replace(a, account_number=mask_account(a.account_number)) for a in page.items]
        return items, page.next

    return _all(ask, _ACCOUNT, {"status": dict(PayeeStatus.choices())})


_OFFICE = frozenset({*COMMITTEE, Role.AUDITOR})
_FIRMS = frozenset({*COMMITTEE, Role.AUDITOR, Role.ENTERPRISE})
_ALL = frozenset({*_FIRMS, *INSURER})
REPORTS = (
    Report(
        "objects",
        "投保标的",
        "本人可见的标的，最近登记的在前；价值为企业登记的价值。",
        _ALL,
        _OBJECT,
        _objects,
        ("q", "kind"),
    ),
    Report(
        "enrolments",
        "投保登记",
        "本人可见的投保登记，最近登记的在前；草稿只有企业自己看得到。",
        _ALL,
        _ENROLMENT,
        _enrolments,
        ("q", "status", "kind"),
    ),
    Report(
        "qualifications",
        "资格与额度",
        "本人可见的资格申请；剩余额度 = 核定额度 − 已用额度。",
        _FIRMS,
        _QUALIFICATION,
        _qualifications,
        ("q", "status"),
    ),
    Report(
        "applications",
        "补贴申请",
        "本人可见的补贴申请，最近提交的在前；测算金额为各行测算之和，批准与拨付为账面数。",
        _FIRMS,
        _APPLICATION,
        _applications,
        ("status", "scheme", "q"),
    ),
    Report(
        "objections",
        "公示异议",
        "对公示的全部异议，不含异议人身份和证据文件。",
        _OFFICE,
        _OBJECTION,
        _objections,
        ("q", "status"),
    ),
    Report(
        "payments",
        "拨付明细",
        "各批次的付款明细，最近编制的在前；账号只显示末四位，完整账号见批次的银行文件。",
        _OFFICE,
        _PAYMENT,
        _payments,
        ("scheme", "status", "q"),
    ),
    Report(
        "recoveries",
        "追回",
        "本人可见的追回；应缴与已缴为账面数。",
        _ALL,
        _RECOVERY,
        _recoveries,
        ("q", "status"),
    ),
    Report(
        "payee-accounts",
        "保险机构收款账户",
        "本人可见的收款账户，含未通过和已更换的；账号只显示末四位。",
        frozenset({*_OFFICE, *INSURER}),
        _ACCOUNT,
        _accounts,
        ("q", "status"),
    ),
)
