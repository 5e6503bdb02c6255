"""The one error of this package."""

from __future__ import annotations


class EmbeddedError(RuntimeError):
    """The embedded server cannot be had: what happened and what to do, in English and Chinese.

    `detail` is evidence, such as the last lines of the server's log.
    """

    def __init__(self, english: str, chinese: str, detail: str = "") -> None:
        super().__init__("\n".join(part for part in (english, chinese, detail) if part))
