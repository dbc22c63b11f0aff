"""Jobs of a catalogue run as Airflow would have them run: by the runner, with real processes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.catalogue import Catalogue
from catalog.states import JobStatus
from catalog.tables import Job
from dag_factory.runner import JobRunner

_DEADLINE: Final = 60.0


def run_queued(catalogue: Catalogue, executions: Path) -> None:
    """Run every queued job to its end, those of one moment beside each other."""

    async def run() -> None:
        runner = JobRunner(catalogue.executions, executions, 4)
        async with asyncio.timeout(_DEADLINE):
            while ids := queued(catalogue):
                await asyncio.gather(*(runner.run(each) for each in ids))

    asyncio.run(run())


def queued(catalogue: Catalogue) -> list[int]:
    """Return the ids of the jobs that are queued."""
    with Session(catalogue.database.engine) as session:
        statement = select(Job.id).where(Job.status == JobStatus.QUEUED).order_by(Job.id)
        return list(session.scalars(statement))


@contextmanager
def running(catalogue: Catalogue, executions: Path) -> Iterator[None]:
    """Run jobs as they are queued, for the time of a block; what still runs then is waited for."""
    stopping = threading.Event()

    async def run() -> None:
        runner = JobRunner(catalogue.executions, executions, 4)
        taken: dict[int, asyncio.Task[bool]] = {}
        while not stopping.is_set():
            for each in await asyncio.to_thread(queued, catalogue):
                if each not in taken or taken[each].done():
                    taken[each] = asyncio.create_task(runner.run(each))
            await asyncio.sleep(0.05)
        async with asyncio.timeout(_DEADLINE):
            await asyncio.gather(*taken.values())

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="runner")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
