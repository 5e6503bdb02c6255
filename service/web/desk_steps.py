"""Steps of a record as forms of its page: one table of steps, one handler, one template for all.

A page module lists its steps, `step_routes` makes their POST routes, `offered` picks those that
stand open to a person in a state. The use case alone decides; what it says is shown at the form.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, post
from pydantic import BaseModel

from service.auth import Actor, Role, allow
from service.kernel.errors import DomainError
from service.web.forms import Form, read_form
from service.web.render import redirect

AnyRequest = Request[Any, Any, Any]
UseCase = Callable[[Actor, str, Any], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Field:
    """An input of a step: kind is area, text, money, wan, day, count, choice or tick."""

    kind: str
    path: str
    label: str
    hint: str = ""
    required: bool = False
    options: tuple[tuple[str, str], ...] = ()
    width: str = "half"


NOTE = Field("area", "note", "办理意见", "可不填")
REASON = Field("area", "note", "理由", "申请方可见", required=True)


@dataclass(frozen=True, slots=True)
class DeskStep:
    """A step of a page: address, words, form, use case, who takes it in which states."""

    path: str
    label: str
    model: type[BaseModel]
    call: UseCase
    roles: tuple[Role, ...]
    done: str
    states: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    kind: str = "primary"
    confirm: str = ""
    hint: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """Chinese labels of the fields, for what the checks say."""
        return {field.path: field.label for field in self.fields}


@dataclass(slots=True)
class Posted:
    """A step that was posted and not taken, with its form."""

    event: str
    form: Form[Any]
    status: int


Show = Callable[[AnyRequest, Actor, str, Posted | None], Awaitable[Response[Any]]]
_PARAMETER = re.compile(r"\{(\w+):")


def offered(
    steps: Mapping[str, DeskStep], state: str, actor: Actor, posted: Posted | None = None
) -> dict[str, Form[Any]]:
    """The forms of the steps open to a person in a state; the posted one as it was typed."""
    forms: dict[str, Form[Any]] = {}
    for event, step in steps.items():
        if state in step.states and actor.has(*step.roles):
            mine = posted is not None and posted.event == event
            forms[event] = posted.form if mine and posted else Form(step.model, step.labels)
            forms[event].form_id = event
    return forms


def step_routes(
    home: str, key: str, name: str, steps: Mapping[str, DeskStep], show: Show
) -> list[Any]:
    """A POST route for each step at `home/{key}/path`; back to the record when it was taken.

    Where `home` has parameters of its own, the record is named by all of them, joined by slashes.
    """
    return [_route(home, key, name, event, step, show) for event, step in steps.items()]


async def not_taken(
    form: Form[Any], call: Callable[[Any], Awaitable[object]]
) -> int | None:
    """Take a step with the form that was posted; None once it is taken.

    Else the status to show the form with again: it holds what was typed and why not. Raises
    NotFound, since there is no record to show it on.
    """
    data = form.parse()
    if data is None:
        return 422
    try:
        await call(data)
    except DomainError as error:
        if error.status == 404:
            raise
        form.add(error.findings)
        return error.status
    return None


def _route(home: str, key: str, name: str, event: str, step: DeskStep, show: Show) -> Any:
    record = f"{home}/{{{key}:str}}"
    names = _PARAMETER.findall(record)

    async def handler(request: AnyRequest, actor: Actor) -> Response[Any]:
        number = "/".join(str(request.path_params[name]) for name in names)
        form = await read_form(request, step.model, step.labels)
        status = await not_taken(form, lambda data: step.call(actor, number, data))
        if status is None:
            return redirect(request, request.url.path.removesuffix(f"/{step.path}"), step.done)
        return await show(request, actor, number, Posted(event, form, status))

    return post(
        f"{record}/{step.path}",
        opt=allow(*step.roles),
        include_in_schema=False,
        name=f"desk_{name}_{step.path.replace('-', '_')}",
    )(handler)
