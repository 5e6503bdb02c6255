"""A form on a page: what was typed, what the checks said about it, and where to show that.

    form = await read_form(request, ProductForm, LABELS)
    if form.rearranged:                                   # a row was added or removed, no script
        return page(request, "insurer/draft.html", form=form)
    data = form.parse()
    if data is not None:
        try:
            product = await products.draft(data)
            return redirect(request, f"/products/{product.number}", "草稿已保存")
        except Refused as error:
            form.add(error.findings)
    return page(request, "insurer/draft.html", form=form, status=422)

Macros take ``form`` and a dotted path and find value, label, limits and errors themselves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Generic, TypeVar

from litestar import Request
from litestar.datastructures import UploadFile
from pydantic import BaseModel, ValidationError

from service.api import typed_finding
from service.kernel.findings import Finding, Severity, blocker, text_of
from service.kernel.money import YuanUnit, format_ppm, format_yuan
from service.kernel.shares import format_percent
from service.web.posted import UNIT_MARK, decode, drop_blank_rows, model_in, nest

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Message:
    """A finding as the page shows it: with the label of its field and the id to jump to."""

    code: str
    path: str
    label: str
    text: str
    remedy: str
    rule: str
    blocks: bool
    form_id: str = ""

    @property
    def target(self) -> str:
        """The id of the field's input."""
        return input_id(self.path, self.form_id) if self.path else ""


def input_name(path: str) -> str:
    """Name of the input for a dotted path: ``clauses.0.title`` as ``clauses-0-title``."""
    return path.replace(".", "-")


def input_id(path: str, form_id: str = "") -> str:
    """Id of the input for a dotted path, of a form that shares its page with others."""
    return "-".join(filter(None, ("f", form_id, input_name(path))))


class Form(Generic[Model]):
    """Values as typed or as stored, files, and findings by field path."""

    def __init__(
        self,
        model: type[Model] | None = None,
        labels: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        """``labels``: path without row numbers (``clauses.title``) -> Chinese label."""
        self.form_id = ""  # set where forms with the same fields share a page
        self.model = model
        self.labels = dict(labels or {})
        self.values: dict[str, Any] = dict(values or {})
        self.files: dict[str, UploadFile] = {}
        self.findings: list[Finding] = []
        self.rearranged = False
        self.posted = False

    @classmethod
    def of(
        cls,
        record: object,
        model: type[Model] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Form[Model]:
        """Fill a form from a stored record: a mapping, a dataclass or a pydantic model."""
        return cls(model, labels, _plain(record))

    # -- what macros read ---------------------------------------------------------------------
    def raw(self, path: str) -> Any:
        """Return the value at a dotted path, None when there is none."""
        node: Any = self.values
        for step in path.split("."):
            if isinstance(node, dict):
                node = node.get(step)
            elif isinstance(node, list) and step.isdigit() and int(step) < len(node):
                node = node[int(step)]
            else:
                return None
        return node

    def value(self, path: str) -> str:
        """Return the text for an input; a list becomes one line per item."""
        value = self.raw(path)
        if isinstance(value, (list, tuple)):
            return "\n".join(str(item) for item in value if not isinstance(item, dict))
        if isinstance(value, bool):
            return "1" if value else ""
        if isinstance(value, Enum):
            return str(value.value)
        return "" if value is None or isinstance(value, dict) else str(value)

    def money(self, path: str, unit: YuanUnit = "元") -> str:
        """Return an amount in fen as text in a unit, without it; typed text stays as typed."""
        value = self.raw(path)
        return format_yuan(value, unit).split(" ")[0] if _is_int(value) else self.value(path)

    def percent(self, path: str) -> str:
        """Return a rate (ppm or share units) as text without the sign."""
        value = self.raw(path)
        if not _is_int(value):
            return self.value(path)
        shown = format_percent(value) if path.endswith("_units") else format_ppm(value)
        return shown.rstrip("%")

    def chosen(self, path: str) -> list[str]:
        """Return the ticked values of a multi-select."""
        value = self.raw(path)
        items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
        return [str(i.value if isinstance(i, Enum) else i) for i in items if i not in (None, "")]

    def rows(self, path: str, at_least: int = 0) -> list[str]:
        """Return the paths of the rows of a repeated group, e.g. ``["clauses.0", "clauses.1"]``."""
        value = self.raw(path)
        count = len(value) if isinstance(value, list) else 0
        return [f"{path}.{position}" for position in range(max(count, at_least))]

    def input_id(self, path: str) -> str:
        """Return the id of the input for a dotted path."""
        return input_id(path, self.form_id)

    def messages_at(self, path: str) -> list[Message]:
        """Return what the checks said about exactly this field."""
        return [message for message in self.messages if message.path == path]

    @property
    def messages(self) -> list[Message]:
        """Everything the checks said, blockers first."""
        ordered = sorted(self.findings, key=lambda finding: not finding.blocks)
        return [self._message(finding) for finding in ordered]

    def label(self, path: str) -> str:
        """Return the Chinese label of a path; row numbers count from one."""
        steps = path.split(".")
        bare = ".".join(step for step in steps if not step.isdigit())
        own = self.labels.get(bare) or self._title(steps) or bare
        for position, step in enumerate(steps):
            if step.isdigit():
                group = ".".join(s for s in steps[:position] if not s.isdigit())
                prefix = f"{self.labels.get(group, group)}第{int(step) + 1}项"
                return prefix if position == len(steps) - 1 else f"{prefix}·{own}"
        return own

    def own_label(self, path: str) -> str:
        """Return the label without its row, for use inside the row."""
        bare = ".".join(step for step in path.split(".") if not step.isdigit())
        return self.labels.get(bare.replace(".__i__", "")) or self._title(path.split(".")) or bare

    def required(self, path: str) -> bool:
        """Whether the model insists on a value."""
        field = self._field(path.split("."))
        return bool(field is not None and field.is_required())

    def limit(self, path: str) -> int | None:
        """Return the greatest number of characters the model takes, None when it says nothing."""
        field = self._field(path.split("."))
        limits = [getattr(item, "max_length", None) for item in field.metadata] if field else []
        return next((limit for limit in limits if limit is not None), None)

    # -- what page modules call ---------------------------------------------------------------
    def add(self, findings: Iterable[Finding]) -> None:
        """Add findings of a use case; their fields are paths in this form."""
        self.findings.extend(findings)

    def parse(self) -> Model | None:
        """Build the model from what was typed; None when something is wrong (see ``messages``)."""
        if self.model is None:
            raise TypeError("a form without a model cannot be parsed")
        drop_blank_rows(self.values, self.model)
        decoded, unreadable = decode(self.values, self.model)
        self.findings.extend(unreadable)
        try:
            parsed = self.model.model_validate(decoded)
        except ValidationError as error:
            known = {finding.field for finding in self.findings}
            found = [_typed(detail) for detail in error.errors(include_url=False)]
            self.findings.extend(f for f in found if f.field not in known)
            return None
        return None if unreadable else parsed

    def rearrange(self, add: str, remove: str) -> None:
        """Add an empty row to a group or remove one; called for the buttons that need no script."""
        if add:
            rows = self.raw(add)
            if isinstance(rows, list):
                rows.append({})
            else:
                parent, _, last = add.rpartition(".")
                node = self.raw(parent) if parent else self.values
                if isinstance(node, dict):
                    node[last] = [{}]
        if remove:
            group, _, position = remove.rpartition(".")
            rows = self.raw(group)
            if isinstance(rows, list) and position.isdigit() and int(position) < len(rows):
                del rows[int(position)]
        self.rearranged = bool(add or remove)

    # -- inner --------------------------------------------------------------------------------
    def _message(self, finding: Finding) -> Message:
        label = self.label(finding.field) if finding.field else ""
        named = dataclasses.replace(finding, field=label) if label else finding
        return Message(
            finding.code,
            finding.field,
            label,
            named.text("zh"),
            named.remedy("zh"),
            _shown_rule(finding.source or text_of(finding.code).rule),
            finding.severity is Severity.BLOCKER,
            self.form_id,
        )

    def _field(self, steps: list[str]) -> Any:
        model: type[BaseModel] | None = self.model
        field: Any = None
        for step in steps:
            if step.isdigit() or step == "__i__":
                continue
            field = model.model_fields.get(step) if model is not None else None
            if field is None:
                return None
            model = model_in(field.annotation)
        return field

    def _title(self, steps: list[str]) -> str:
        field = self._field(steps)
        return (field.title or "") if field is not None else ""


async def read_form(
    request: Request[Any, Any, Any],
    model: type[Model] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Form[Model]:
    """Read a posted form; names starting with ``_`` belong to the framework, not to the data.

    Raises Refused for names that do not fit together.
    """
    posted = await request.form()
    pairs = [(str(name), value) for name, value in posted.multi_items() if name[:1] != "_"]
    form: Form[Model] = Form(model, labels)
    form.posted = True
    form.files = {
        name.replace("-", "."): value
        for name, value in pairs
        if isinstance(value, UploadFile) and value.filename
    }
    form.values = nest((n, v) for n, v in pairs if not isinstance(v, UploadFile))
    form.rearrange(str(posted.get("_add") or ""), str(posted.get("_remove") or ""))
    return form


def _typed(detail: Mapping[str, Any]) -> Finding:
    """In a form everything is text: a whole number that could not be read says so."""
    if str(detail["type"]).startswith("int_") and isinstance(detail.get("input"), str):
        path = ".".join(str(step) for step in detail["loc"])
        return blocker("form.not_a_number", path, value=detail["input"])
    return typed_finding(detail)


def _shown_rule(rule: str) -> str:
    """Rules of the house design say nothing to the person at the form."""
    return "" if rule.startswith("DESIGN") else rule


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _plain(record: object) -> Any:
    if isinstance(record, BaseModel):
        return _plain(record.model_dump())
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {f.name: _plain(getattr(record, f.name)) for f in dataclasses.fields(record)}
    if isinstance(record, Mapping):
        return {str(name): _plain(value) for name, value in record.items()}
    if isinstance(record, (list, tuple)):
        return [_plain(item) for item in record]
    if isinstance(record, Enum):
        return record.value
    return record.isoformat() if isinstance(record, date) else record


__all__ = ["UNIT_MARK", "Form", "Message", "input_id", "input_name", "read_form"]
