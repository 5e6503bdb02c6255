"""Fixtures of the kernel's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.kernel.ledger_fixture import forget_everything, one


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def books(pool: None) -> AsyncIterator[None]:
    """A database whose tests really commit; what they wrote is taken out at the end."""
    last_event = await one("SELECT coalesce(max(id), 0) FROM journal_event")
    yield
    await forget_everything(last_event)
