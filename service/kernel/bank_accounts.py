"""Bank account numbers (银行账号) as people write them: how they compare, what others may see."""

from __future__ import annotations

import re
import unicodedata

from service.kernel.findings import Finding, Text, blocker, register

_SEPARATORS = re.compile(r"[\s\-‐-―]")
_ACCOUNT = re.compile(r"[0-9A-Z]{6,34}", re.ASCII)
SHOWN_DIGITS = 4


def fold_account(text: str) -> str:
    """The account without what differs between prints: width, case, spaces, dashes."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).upper())


def check_account(text: str, field: str) -> list[Finding]:
    """Whether a text can be an account: 6 to 34 digits or letters, among them four digits."""
    folded = fold_account(text)
    if _ACCOUNT.fullmatch(folded) and sum(c.isdigit() for c in folded) >= SHOWN_DIGITS:
        return []
    return [blocker("bank_account.not_a_number", field, value=text)]


def mask_account(text: str) -> str:
    """The account as those see it who need not know it: its last four characters."""
    folded = fold_account(text)
    return f"****{folded[-SHOWN_DIGITS:]}" if folded else ""


register(
    {
        "bank_account.not_a_number": Text(
            "“{value}”不是银行账号",
            "“{value}” is not a bank account number",
            "请填写 6 至 34 位数字或字母，可含空格和横线",
            "Write 6 to 34 digits or letters; spaces and dashes may be in it",
        ),
    }
)
