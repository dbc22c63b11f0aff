"""The demonstration from the start to the table of products."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from airscale import stack
from airscale.demo import example
from airscale.demo.client import ScaleClient
from airscale.demo.report import product_table
from airscale.demo.runtime import DemoRuntime
from airscale.demo.scenes import SceneSet
from airscale.entrance import enter
from airscale.errors import StackError
from airscale.home import Home
from airscale.login import Login

_POLL_SECONDS: Final = 0.5
Reporting = Callable[[Console], AbstractContextManager[stack.Report]]


def demo(
    home: Home,
    console: Console,
    runtime: DemoRuntime,
    count: int,
    seconds: float,
    *,
    reporting: Reporting,
) -> Login:
    """Start the system, load the example, copy scenes in, and wait for their products.

    Parameters
    ----------
    count
        How many scenes.
    seconds
        How long to wait for the products.
    reporting
        How steps of the start are shown.

    Raises
    ------
    StackError
        Raised if the runtime is not to be had here, a job fails, or the products are not there in
        time.
    """
    lacking = example.missing(runtime)
    if lacking is not None:
        raise StackError(lacking)
    with reporting(console) as report:
        login = enter(home, report)
    with ScaleClient(login) as client:
        example.load(client, home, runtime)
        scenes = SceneSet(runtime, count)
        since = datetime.now(UTC)
        scenes.copy_to(home)
        _wait(client, console, scenes, since, seconds)
        console.print(product_table(client, scenes.products_of(client)))
    return login


def _wait(
    client: ScaleClient, console: Console, scenes: SceneSet, since: datetime, seconds: float
) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    deadline = time.monotonic() + seconds
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        files = bars.add_task("files ingested", total=len(scenes.sources))
        products = bars.add_task("products", total=len(scenes.products))
        while True:
            now = scenes.progress(client, since)
            bars.update(files, completed=now.ingested)
            bars.update(products, completed=now.products)
            if scenes.is_done(now):
                return
            if now.failures:
                raise StackError(f"The demonstration failed: {'; '.join(now.failures)}.")
            if time.monotonic() > deadline:
                raise StackError(
                    f"After {seconds:.0f} s {now.products} of {len(scenes.products)} products are"
                    " there. Look at the jobs in the UI, or at the logs of `airscale status`."
                )
            time.sleep(_POLL_SECONDS)
