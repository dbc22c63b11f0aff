"""Looking now and then at what an execution uses, where nobody tells it in the end.

It is looked at when it is 1, 2, 4, 8 and 16 seconds old, and every 30 seconds from then on: seldom
enough for hundreds of containers, and early enough for short ones.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

_SOONEST: Final = 1.0
_LATEST: Final = 30.0


@asynccontextmanager
async def watched(look: Callable[[], Awaitable[None]], started: datetime) -> AsyncIterator[None]:
    """Look now and then, during a block, at what was started at a time."""
    watching = asyncio.create_task(_watch(look, started))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(look: Callable[[], Awaitable[None]], started: datetime) -> None:
    while True:
        age = (datetime.now(UTC) - started).total_seconds()
        await asyncio.sleep(min(max(age, _SOONEST), _LATEST))
        await look()
