"""The ledger (总账): append-only double entry in books that never mix (DESIGN law 4).

`post()` and its kin are the only writers of entries. An amount is in fen, debit positive. What the
database itself holds, whoever writes to it: entries balance per currency when they commit, lines
stay in their entry's book, nothing is changed or deleted, a reversal mirrors its original once, an
account never falls below its floor. See ledger_sql.py.
"""

from service.kernel.ledger.balances import (
    Balance,
    TrialBalance,
    balances,
    total_fen,
    trial_balance,
)
from service.kernel.ledger.posting import (
    Line,
    NewAccount,
    Posting,
    arguments,
    month_of,
    open_accounts,
    open_book,
    post,
    post_many,
    reserve,
    reverse,
    settle,
    void,
)
from service.kernel.ledger.verify import seal, verify

__all__ = [
    "Balance",
    "Line",
    "NewAccount",
    "Posting",
    "TrialBalance",
    "arguments",
    "balances",
    "month_of",
    "open_accounts",
    "open_book",
    "post",
    "post_many",
    "reserve",
    "reverse",
    "seal",
    "settle",
    "total_fen",
    "trial_balance",
    "verify",
    "void",
]
