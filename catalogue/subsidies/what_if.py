"""“What would I get?” (测算) for lines nobody has recorded; nothing is written.

What a line does not say is taken to meet the rule, and an answer that rests on it says so. The day
is the day of asking unless another is given, and the scheme's window counts as for an application.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from catalogue.books import scheme_book
from catalogue.rules.subsidy import SubsidyRules, assess
from catalogue.rules.subsidy.cases import read_application
from catalogue.rules.subsidy.nouns import Instrument, SubjectKind
from catalogue.subsidies import schemes
from catalogue.subsidies.assessment import Judgement, shown
from catalogue.subsidy_forms import WhatIfForm, WhatIfLineForm
from catalogue.subsidy_shapes import PreviewShape
from service.kernel.calendar import today
from service.kernel.errors import Refused
from service.kernel.findings import Text, blocker, register, warning


async def what_if(code: str, form: WhatIfForm) -> PreviewShape:
    """What plain lines would get under a scheme on a day; public.

    Raises Refused for lines that no rule can read.
    """
    scheme = await schemes.scheme_row(code)
    book = await scheme_book(scheme["id"])
    applied_on = form.applied_on or today()
    context: dict[str, Any] = {
        "applied_on": applied_on,
        "scheme_from": scheme["window_from"],
        "scheme_to": scheme["window_to"],
    }
    assumed = []
    quota = book.rules.quota
    drawing = [n for n, x in enumerate(form.lines) if quota and _draws(quota.kinds, x)]
    if drawing:
        left = [line.quota_left_fen for line in form.lines if line.quota_left_fen is not None]
        if not left:
            assumed.append(warning("subsidy.quota_assumed", f"lines.{drawing[0]}.quota_left_fen"))
        context["quota_left_fen"] = min(left, default=sum(line.premium_fen for line in form.lines))
    lines = [_plain(line, book.rules, applied_on) for line in form.lines]
    try:
        facts = read_application(book.rules, {"lines": lines, "context": context})
    except (ValueError, TypeError) as error:
        raise Refused([blocker("form.invalid", "lines", detail=str(error))]) from None
    return await shown(code, Judgement(book, facts, assess(book.rules, facts), {0: assumed}))


def _draws(kinds: Collection[SubjectKind], line: WhatIfLineForm) -> bool:
    return not kinds or line.kind in kinds


def _plain(line: WhatIfLineForm, rules: SubsidyRules, applied_on: date) -> dict[str, Any]:
    """A line of the form as a worked case reads it; what was left out is not said.

    Cover starts on the day of application where the rule lets it; premium that a scheme pays to
    the insurer directly was not paid by the firm unless it says so.
    """
    said = line.model_dump(mode="python", exclude_none=True)
    said.pop("quota_left_fen", None)
    other_fen = said.pop("other_public_fen")
    if other_fen:
        said["other_money"] = [{"group": "other", "amount_fen": other_fen}]
    if rules.instrument == Instrument.PREMIUM_DIRECT_PAY:
        said.setdefault("premium_paid_own_fen", 0)
    window = rules.window
    first, last = window.start_from or rules.valid_from, window.start_to or date.max
    said.setdefault("start_on", max(first, min(last, applied_on)))
    said["kind"] = line.kind.value
    said["level"] = str(getattr(line.level, "value", line.level))
    return {name: value for name, value in said.items() if value != ""}


register(
    {
        "subsidy.quota_assumed": Text(
            "没有填写资格剩余额度，按已取得资格且额度足够测算；没有资格不能得到补贴",
            "No quota left was given: reckoned as if a qualification with enough of it were held;"
            " without one there is no subsidy",
            "请填写资格剩余额度，或先申请资格认定",
            "Give the quota left of the qualification, or apply for one first",
        ),
    }
)
