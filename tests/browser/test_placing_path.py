"""A risk is placed, clicked: from the submission to every member's part, and who sees what."""

from __future__ import annotations

import pytest

from tests.browser import placing_story as story
from tests.browser.console import Site

pytestmark = pytest.mark.browser


async def test_a_risk_is_placed(site: Site) -> None:
    number = await story.submit(site)
    await story.write_line(site, story.LEAD, number)
    await story.write_line(site, "clerk", number, wrong="三成半")
    await story.missing(site, number, "尚缺 25%", "room-short")
    await story.check(site, number, "法律性质核查未通过")
    await story.bind_in_vain(site, number, "尚缺 25%")
    await story.write_line(site, "clerk5", number)
    await story.write_line(site, "clerk7", number)
    await story.missing(site, number, "已满 100%", "room-full")
    check = await story.check(site, number, "法律性质核查通过")
    placement = await story.bind(site, number)
    await story.receive(site, placement)
    await story.insured_sees(site, placement)
    pages = {
        f"/risks/{number}": True,
        f"/risks/{number}/character-checks/{check}": True,
        f"/risks?pool_year={story.YEAR}": False,
        f"/placements?pool_year={story.YEAR}": True,
        f"/placements/{placement}": True,
    }
    assert await story.leaks(site, "clerk5", pages) == []
    await story.look_is_kept(site, placement)
