"""The rule books of pools: those that come with the program, and the published one of a family."""

from __future__ import annotations

from datetime import date
from importlib import resources
from typing import Any

from coinsurance.rules import families as _families  # noqa: F401  registers the families
from service.kernel.calendar import now
from service.kernel.db import sql_row, sql_value, work
from service.kernel.errors import Refused
from service.kernel.findings import blockers
from service.kernel.rulebook import RuleBook, check_book, load

SHIPPED = "pools"
"""Folder of the agreements that come with the program."""


def shipped_books() -> list[tuple[str, RuleBook]]:
    """Text and book of every shipped agreement."""
    folder = resources.files("coinsurance.rules") / "books" / SHIPPED
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    texts = [file.read_text("utf-8") for file in files if file.name.endswith(".toml")]
    return [(text, load(text)) for text in texts]


async def publish_shipped() -> list[str]:
    """Publish the shipped agreements that are not there yet; one with findings is refused."""
    done: list[str] = []
    async with work():
        for text, book in shipped_books():
            found = blockers(check_book(book))
            if found:
                raise Refused(found)
            fresh = await sql_value(
                "INSERT INTO rule_version (family, version, title, status, valid_from, valid_to,"
                " body, hash, published_at) VALUES ($1, $2, $3, 'published', $4, $5, $6, $7, $8)"
                " ON CONFLICT (family, version) DO NOTHING RETURNING id",
                book.family,
                book.version,
                book.title_zh,
                book.valid_from,
                book.valid_to,
                text,
                book.hash,
                now(),
            )
            if fresh is not None:
                done.append(f"{book.family} {book.version}")
    return done


async def published(family: str, day: date) -> Any:
    """The published version of a family that holds on a day, else its latest; None without one."""
    return await sql_row(
        "SELECT family, version, hash, body FROM rule_version WHERE family = $1"
        " AND status = 'published' ORDER BY (valid_from <= $2 AND (valid_to IS NULL"
        " OR valid_to >= $2)) DESC, valid_from DESC LIMIT 1",
        family,
        day,
    )
