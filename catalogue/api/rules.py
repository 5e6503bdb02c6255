"""Rule files (规则): checked, put in as drafts, published or sent back by another person."""

from __future__ import annotations

from litestar import Controller, get, post

from catalogue.forms import NoteForm
from catalogue.publishing import drafts, reading
from catalogue.rule_forms import (
    RuleDraftForm,
    RulePublicationForm,
    RuleRefusalForm,
    RuleTextForm,
)
from catalogue.rule_shapes import RuleCheck, RuleDraftItem, RuleDraftRecord, RuleHead
from service.auth import COMMITTEE, Actor, Role, allow

READERS = allow(*COMMITTEE, Role.AUDITOR)
PREPARERS = allow(*drafts.PREPARERS)
PUBLISHERS = allow(*drafts.PUBLISHERS)


class RuleDraftRoutes(Controller):
    """Rule files on their way to publication, with four eyes."""

    tags = ["rules"]

    @post(
        "/rule-checks",
        summary="Check a rule file and its worked cases; nothing is written",
        operation_id="checkRule",
        opt=READERS,
        status_code=200,
    )
    async def check(self, data: RuleTextForm) -> RuleCheck:
        return await reading.checked_text(data.text)

    @get("/rule-drafts", summary="Drafts that wait", operation_id="listRuleDrafts", opt=READERS)
    async def list_drafts(self) -> list[RuleDraftItem]:
        return await reading.drafts()

    @post(
        "/rule-drafts",
        summary="Put in a draft, or change the one that `replaces` names",
        operation_id="prepareRule",
        opt=PREPARERS,
    )
    async def prepare(self, data: RuleDraftForm, actor: Actor) -> RuleDraftRecord:
        return await drafts.prepare(actor, data)

    @get(
        "/rule-drafts/{draft:int}",
        summary="A draft with its checks and the difference from the version before",
        operation_id="getRuleDraft",
        opt=READERS,
    )
    async def one(self, draft: int, actor: Actor) -> RuleDraftRecord:
        return await reading.draft(actor, draft)

    @post(
        "/rule-drafts/{draft:int}/publication",
        summary="Publish a draft that somebody else prepared",
        operation_id="publishRule",
        opt=PUBLISHERS,
    )
    async def publish(self, draft: int, data: RulePublicationForm, actor: Actor) -> RuleHead:
        return reading.head_of(await drafts.publish_draft(actor, draft, data))

    @post(
        "/rule-drafts/{draft:int}/refusal",
        summary="Send a draft back with the reason",
        operation_id="refuseRule",
        opt=PUBLISHERS,
    )
    async def refuse(self, draft: int, data: RuleRefusalForm, actor: Actor) -> RuleDraftRecord:
        return await drafts.refuse_draft(actor, draft, data)

    @post(
        "/rule-drafts/{draft:int}/withdrawal",
        summary="Take a draft away",
        operation_id="withdrawRule",
        opt=PREPARERS,
        status_code=204,
    )
    async def withdraw(self, draft: int, data: NoteForm, actor: Actor) -> None:
        await drafts.withdraw_draft(actor, draft, data)
