"""Forms of rule files: a text to be checked, a draft, what is decided on it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.kernel.forms import Form, Line, Words

TEXT_MAX = 300_000
Hash = Annotated[Line, Field(pattern=r"^[0-9a-f]{64}$")]


class RuleTextForm(Form):
    """A rule file as TOML text."""

    text: Words = Field(min_length=1, max_length=TEXT_MAX)


class RuleDraftForm(RuleTextForm):
    """A draft; `replaces` is the hash of the draft it changes, empty for a new one."""

    replaces: Line = Field("", max_length=64)


class RulePublicationForm(Form):
    """Publish the draft that was looked at, named by its hash."""

    hash: Hash
    note: Words = Field("", max_length=4000)


class RuleRefusalForm(Form):
    """Send the draft that was looked at back, with the reason."""

    hash: Hash
    note: Words = Field(min_length=1, max_length=4000)
