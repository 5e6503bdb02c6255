"""What the ledger says to people, and how the database's refusals become findings."""

from __future__ import annotations

import json
from typing import NoReturn, TypeGuard

import asyncpg

from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, Text, blocker, register

_CONFLICTS = {
    "uq_entry_reversal_of": "ledger.reversal_twice",
    "uq_entry_resolves": "ledger.resolved_twice",
    "uq_book_code": "ledger.book_exists",
    "uq_account_book_code": "ledger.account_exists",
}
_WAITED_IN_VAIN = frozenset({"40P01", "40001", "55P03"})
_BAD_VALUE = ("22", "23")


def is_told(error: BaseException) -> TypeGuard[asyncpg.PostgresError]:
    """Whether a guard of the database refused in words for people, which :func:`tell` raises."""
    return isinstance(error, asyncpg.PostgresError) and error.sqlstate in {"EL422", "EL409"}


def tell(error: asyncpg.PostgresError, **known: str) -> NoReturn:
    """Raise the database's refusal as Refused or Conflict; what nobody foresaw passes unchanged.

    `known` is what the caller knows and the database does not repeat.
    """
    state = error.sqlstate or ""
    if is_told(error):
        params = {**known, **json.loads(error.detail or "{}")}
        if state == "EL409":
            raise Conflict(error.args[0], **params) from error
        raise Refused([Finding(error.args[0], params=params)]) from error
    if state in _WAITED_IN_VAIN:
        raise Conflict("ledger.busy") from error
    constraint = getattr(error, "constraint_name", None) or ""
    if constraint in _CONFLICTS:
        raise Conflict(_CONFLICTS[constraint], **known) from error
    if state.startswith(_BAD_VALUE):
        raise Refused([blocker("ledger.invalid", detail=constraint or str(error))]) from error
    raise error


register(
    {
        "ledger.unbalanced": Text(
            "凭证“{key}”借贷不平，差额 {difference_fen}",
            "Entry “{key}” does not balance; it is off by {difference_fen}",
            "请核对各行金额：每种货币的借方与贷方合计必须相等",
            "Check the lines: debits and credits must be equal in each currency",
            "DESIGN law 4",
        ),
        "ledger.unknown_book": Text(
            "账套“{book}”不存在",
            "There is no book “{book}”",
            "请先为该共保年度或补贴预算开立账套",
            "Open the book of that pool year or subsidy budget first",
        ),
        "ledger.unknown_account": Text(
            "账套“{book}”中没有科目“{account}”",
            "Book “{book}” has no account “{account}”",
            "请核对科目代码；一张凭证的各行须同属一个账套",
            "Check the account's code; all lines of an entry belong to one book",
            "DESIGN law 4",
        ),
        "ledger.unknown_entry": Text(
            "找不到原凭证“{original}”",
            "There is no entry “{original}”",
            "请核对原凭证的业务键",
            "Check the business key of the original entry",
        ),
        "ledger.book_mixed": Text(
            "凭证的科目不属于凭证所在的账套",
            "The lines do not belong to the book of their entry",
            "一张凭证的各行须同属一个账套，账套之间不得混用",
            "All lines of an entry belong to one book; books never mix",
            "DESIGN law 4",
        ),
        "ledger.zero_line": Text(
            "凭证“{key}”含有金额为零的行",
            "Entry “{key}” has a line of zero",
            "请删除金额为零的行",
            "Leave lines of zero out",
        ),
        "ledger.not_whole_fen": Text(
            "金额须为整数分：{amounts}",
            "Amounts must be whole fen: {amounts}",
            "请先按约定的舍入规则换算为整数分",
            "Convert to whole fen by the agreed rounding first",
            "DESIGN law 1",
        ),
        "ledger.too_few_lines": Text(
            "凭证“{key}”只有 {lines} 行",
            "Entry “{key}” has only {lines} lines",
            "复式记账至少需要一借一贷两行",
            "Double entry needs two lines at least",
        ),
        "ledger.floor_breached": Text(
            "科目“{account}”可用余额 {left_fen}，不足以支出 {wanted_fen}",
            "Account “{account}” has {left_fen} left, which is less than {wanted_fen}",
            "请减少金额，或先追加额度、释放预留",
            "Lower the amount, or add funds or release a reservation first",
            "DESIGN law 13",
        ),
        "ledger.key_conflict": Text(
            "业务键“{key}”已用于内容不同的凭证",
            "The business key “{key}” belongs to an entry with other content",
            "重试请保持内容不变；新的业务请用新的业务键；更正请先冲销",
            "Repeat with the same content, take a new key for new business, reverse to correct",
            "DESIGN law 10",
        ),
        "ledger.reversal_twice": Text(
            "凭证“{original}”已经冲销过",
            "Entry “{original}” has already been reversed",
            "一张凭证只能冲销一次；请查看已有的冲销凭证",
            "An entry is reversed once at most; look at the reversal that exists",
            "DESIGN law 3",
        ),
        "ledger.resolved_twice": Text(
            "预留凭证“{original}”已经入账或撤销",
            "The pending entry “{original}” has already been settled or voided",
            "如需再次支出，请重新预留",
            "Reserve again for a further payment",
        ),
        "ledger.reversal_before_original": Text(
            "冲销日期早于原凭证“{original}”的日期 {day}",
            "The reversal is dated before {day}, the day of its original “{original}”",
            "请把冲销日期改为 {day} 或之后",
            "Date the reversal {day} or later",
            "DESIGN law 3",
        ),
        "ledger.resolution_before_pending": Text(
            "入账或撤销日期早于预留凭证“{original}”的日期 {day}",
            "The resolution is dated before {day}, the day of the pending entry “{original}”",
            "请把日期改为 {day} 或之后",
            "Date it {day} or later",
        ),
        "ledger.reversal_of_reversal": Text(
            "“{original}”本身就是冲销凭证，不能再冲销",
            "“{original}” is itself a reversal and cannot be reversed",
            "请按正确内容重新记账",
            "Post the right content as a new entry",
            "DESIGN law 3",
        ),
        "ledger.reversal_of_pending": Text(
            "“{original}”尚未入账，不能冲销",
            "“{original}” is not posted and cannot be reversed",
            "预留凭证请撤销，不要冲销",
            "Void a pending entry instead of reversing it",
        ),
        "ledger.not_pending": Text(
            "“{original}”不是预留凭证",
            "“{original}” is not a pending entry",
            "只有预留凭证可以入账或撤销",
            "Only a pending entry can be settled or voided",
        ),
        "ledger.not_a_mirror": Text(
            "冲销凭证“{key}”与原凭证“{original}”的各行不是反号对应",
            "The lines of the reversal “{key}” do not mirror its original “{original}”",
            "冲销须逐行照抄原凭证并反号",
            "A reversal copies every line with its sign turned",
            "DESIGN law 3",
        ),
        "ledger.more_than_reserved": Text(
            "“{key}”的入账金额或科目超出预留凭证“{original}”",
            "“{key}” books more, or other accounts, than “{original}” reserved",
            "请在预留的科目与金额之内入账",
            "Stay within the accounts and amounts that were reserved",
        ),
        "ledger.lines_missing": Text(
            "凭证“{key}”应有 {announced} 行，实有 {lines} 行",
            "Entry “{key}” announced {announced} lines and has {lines}",
            "请停止使用并从备份核对该凭证",
            "Stop and compare this entry with a backup",
            "DESIGN law 4",
        ),
        "ledger.append_only": Text(
            "表“{table}”只增不改，操作 {operation} 被拒绝",
            "Table “{table}” is append-only; {operation} is refused",
            "请用冲销凭证或新的记录更正",
            "Correct by a reversal or by a new record",
            "DESIGN law 4",
        ),
        "ledger.book_exists": Text(
            "账套“{book}”已经存在",
            "Book “{book}” exists already",
            "请直接使用该账套，或换一个代码",
            "Use that book, or take another code",
        ),
        "ledger.account_exists": Text(
            "账套“{book}”中已有同代码的科目",
            "Book “{book}” already has an account with that code",
            "请直接使用该科目，或换一个代码",
            "Use that account, or take another code",
        ),
        "ledger.invalid": Text(
            "记账数据不合要求：{detail}",
            "The ledger cannot store this: {detail}",
            "请核对编码、日期、期间、摘要长度与金额范围",
            "Check codes, dates, period, lengths and amounts",
        ),
        "ledger.busy": Text(
            "账套正被其他业务占用，本次未入账",
            "The book was busy with other business; nothing was posted",
            "请稍后重试，业务键保持不变",
            "Try again with the same key",
        ),
        "ledger.hash_differs": Text(
            "凭证“{key}”的内容与入账时的摘要不一致",
            "Entry “{key}” no longer matches the hash it was written with",
            "请停止使用并从备份核对该凭证",
            "Stop and compare this entry with a backup",
            "DESIGN law 4",
        ),
        "ledger.stray_line": Text(
            "第 {line} 号分录行不属于凭证“{key}”所在的账套或没有凭证",
            "Line {line} has no entry, or an account outside the book of entry “{key}”",
            "请停止使用并从备份核对该行",
            "Stop and compare this line with a backup",
            "DESIGN law 4",
        ),
        "ledger.kept_differs": Text(
            "科目“{account}”的留存余额 {kept_fen}、预留 {reserved_fen}"
            "与分录合计 {posted_fen}、{pending_fen} 不符",
            "Account “{account}” keeps {kept_fen} and {reserved_fen} reserved;"
            " its lines give {posted_fen} and {pending_fen}",
            "请停止使用并从备份核对该科目",
            "Stop and compare this account with a backup",
            "DESIGN law 13",
        ),
        "ledger.floor_broken": Text(
            "科目“{account}”的余额 {left_fen} 低于下限 {floor_fen}",
            "Account “{account}” stands at {left_fen}, below its floor of {floor_fen}",
            "请停止支出并核对该科目",
            "Stop paying from it and look at the account",
            "DESIGN law 13",
        ),
        "ledger.guard_missing": Text(
            "数据库保护“{guard}”缺失或被停用",
            "The database guard “{guard}” is missing or switched off",
            "请恢复该触发器（重新执行迁移），并完整核对账目",
            "Restore the trigger by running the migrations, then verify everything",
            "DESIGN law 4",
        ),
    }
)
