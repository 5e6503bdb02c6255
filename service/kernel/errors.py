"""Errors a use case may raise; the edges turn them into answers, they never become a 500.

Each carries findings, so each has a stable code, a Chinese and an English text and a remedy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from service.kernel.findings import Finding, Language, Text, blocker, register


class DomainError(Exception):
    """Something the caller can be told. ``status`` is the HTTP status, ``code`` the stable code."""

    status: int = 400
    code: str = "refused"
    findings: tuple[Finding, ...] = ()

    def __init__(self, findings: Iterable[Finding], *, status: int | None = None) -> None:
        self.findings = tuple(findings)
        if not self.findings:
            raise ValueError("an error needs at least one finding")
        if status is not None:
            self.status = status
        super().__init__("; ".join(f"{f.code}: {f.text('en')}" for f in self.findings))

    def text(self, language: Language = "zh") -> str:
        """Return the texts of all findings as one line."""
        return ("；" if language == "zh" else "; ").join(f.text(language) for f in self.findings)


class Refused(DomainError):
    """The checks found blockers; carries all findings, warnings too."""

    status = 422
    code = "refused"


class CodedError(DomainError):
    """An error of one finding, made from its code and parameters."""

    default_code: ClassVar[str] = "refused"

    def __init__(
        self, code: str = "", *, field: str = "", source: str = "", **params: object
    ) -> None:
        self.code = code or self.default_code
        super().__init__([blocker(self.code, field, source, **params)])


class NotFound(DomainError):
    """Nothing there, or nothing the caller may see: the two look the same from outside."""

    status = 404
    code = "not_found"

    def __init__(self, kind_zh: str, kind_en: str, key: object) -> None:
        super().__init__([blocker("not_found", kind_zh=kind_zh, kind_en=kind_en, key=key)])


class Conflict(CodedError):
    """The request clashes with what is already there."""

    status = 409
    default_code = "conflict.status_moved"


class Forbidden(CodedError):
    """The caller is known but may not do this."""

    status = 403
    default_code = "auth.forbidden"


class Unauthenticated(CodedError):
    """The caller is not known."""

    status = 401
    default_code = "auth.required"


class Stale(CodedError):
    """The caller saw an older state than the one stored (If-Match)."""

    status = 412
    default_code = "conflict.stale"


class TooLarge(CodedError):
    """The body or file is larger than allowed; needs ``limit`` (text with its unit)."""

    status = 413
    default_code = "form.too_large"


class TooMany(CodedError):
    """Too many tries; needs ``seconds`` until the next."""

    status = 429
    default_code = "auth.throttled"


class Unavailable(CodedError):
    """Nothing is wrong with the request, but something it needs is away for the moment."""

    status = 503
    default_code = "unavailable"


register(
    {
        "not_found": Text(
            "找不到{kind_zh}“{key}”",
            "{kind_en} “{key}” was not found",
            "请核对编号；如属其他机构的资料，您无权查看",
            "Check the number; records of another organisation cannot be seen",
        ),
        "unavailable": Text(
            "数据库暂时不可用，正在恢复；本次操作没有执行",
            "The database is away and coming back; nothing was done",
            "请稍候几秒再试",
            "Try again in a few seconds",
        ),
        "conflict.stale": Text(
            "资料已被他人修改，您看到的不是最新版本",
            "The record was changed by someone else; you did not see its latest version",
            "请刷新后在最新版本上重新修改",
            "Reload and make the change again on the latest version",
        ),
        "conflict.idempotency": Text(
            "同一个幂等键已用于内容不同的请求",
            "This Idempotency-Key was used before with a different body",
            "重试请保持内容不变；新的请求请换一个键",
            "Repeat with the same body, or take a new key for a new request",
        ),
        "conflict.status_moved": Text(
            "状态已被他人变更，本次操作未执行",
            "The status was moved by someone else; nothing was done",
            "请刷新后查看当前状态再操作",
            "Reload and look at the present status first",
        ),
        "form.missing": Text(
            "“{field}”未填写",
            "“{field}” is missing",
            "请填写此项",
            "Fill in this field",
        ),
        "form.type": Text(
            "“{field}”的类型不对，应为 {expected}",
            "“{field}” is of the wrong type; expected {expected}",
            "请按要求的类型填写",
            "Give a value of the expected type",
        ),
        "form.too_long": Text(
            "“{field}”共 {actual} 个字符，超过 {limit} 个字符的上限",
            "“{field}” has {actual} characters; at most {limit} are allowed",
            "请缩短内容，详细说明可作为附件上传",
            "Shorten the text; details can be uploaded as a document",
        ),
        "form.control_characters": Text(
            "“{field}”含有不可见的控制字符",
            "“{field}” contains invisible control characters",
            "请删除后重新输入，勿直接粘贴带格式的文字",
            "Remove them and type the text again",
        ),
        "form.unknown_field": Text(
            "不认识的字段“{field}”",
            "Unknown field “{field}”",
            "请核对字段名，或从请求中删除",
            "Check the name of the field or leave it out",
        ),
        "form.malformed_json": Text(
            "请求内容不是正确的 JSON：{detail}",
            "The body is not valid JSON: {detail}",
            "请检查 JSON 语法与 UTF-8 编码",
            "Check the JSON syntax and the UTF-8 encoding",
        ),
        "form.not_a_choice": Text(
            "“{field}”的值“{value}”不在可选范围内",
            "“{value}” is not a choice of “{field}”",
            "请从下列值中选择：{choices}",
            "Choose one of: {choices}",
        ),
        "form.not_a_date": Text(
            "“{field}”的值“{value}”不是日期",
            "“{value}” in “{field}” is not a date",
            "请按 年-月-日 填写，例如 2025-06-07",
            "Write year-month-day, for example 2025-06-07",
        ),
        "form.not_a_number": Text(
            "“{field}”的值“{value}”不是数字",
            "“{value}” in “{field}” is not a number",
            "请填写阿拉伯数字",
            "Write digits only",
        ),
        "form.out_of_range": Text(
            "“{field}”的值 {value} 超出范围 {minimum} 至 {maximum}",
            "{value} in “{field}” is outside {minimum} to {maximum}",
            "请填写 {minimum} 至 {maximum} 之间的值",
            "Give a value between {minimum} and {maximum}",
        ),
        "form.too_large": Text(
            "内容过大，超过 {limit} 的上限",
            "The content is larger than the limit of {limit}",
            "请压缩或拆分后再提交",
            "Make it smaller or send it in parts",
        ),
        "auth.required": Text(
            "请先登录",
            "Log in first",
            "请登录，或在请求中附上有效的令牌",
            "Log in, or send a valid token with the request",
        ),
        "auth.forbidden": Text(
            "您的角色无权进行此操作",
            "Your role may not do this",
            "请联系本机构管理员或有权限的同事办理",
            "Ask an administrator or a colleague who has the role",
        ),
        "auth.csrf": Text(
            "页面校验码缺失或已失效",
            "The check code of the page is missing or no longer valid",
            "请刷新页面后重新提交",
            "Reload the page and send the form again",
        ),
        "auth.bad_credentials": Text(
            "用户名或密码不正确",
            "User name or password is wrong",
            "请核对后重试；忘记密码请联系管理员",
            "Check both and try again; an administrator can reset the password",
        ),
        "auth.throttled": Text(
            "尝试次数过多，请在 {seconds} 秒后再试",
            "Too many tries; wait {seconds} seconds",
            "请稍候再试",
            "Wait before the next try",
        ),
        "auth.token_expired": Text(
            "令牌已过期或已撤销",
            "The token has expired or was revoked",
            "请申请新的令牌",
            "Make a new token",
        ),
        "auth.scope": Text(
            "令牌没有“{scope}”权限",
            "The token lacks the scope “{scope}”",
            "请使用含有此权限的令牌",
            "Use a token that has this scope",
        ),
        "auth.four_eyes": Text(
            "经办人与审批人不能是同一人",
            "The person who prepared this may not approve it",
            "请由另一位有权限的同事审批",
            "Let another authorised colleague approve it",
            "DESIGN law 9",
        ),
    }
)
