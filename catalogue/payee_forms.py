"""Forms of payees' accounts (收款账户)."""

from __future__ import annotations

from pydantic import Field

from service.kernel.forms import Form, Line


class PayeeAccountForm(Form):
    """The bank account an insurer is paid on, in its own name."""

    account_name: Line = Field(min_length=2, max_length=120)
    account_number: Line = Field(min_length=6, max_length=40)
    bank_name: Line = Field(min_length=2, max_length=120)
