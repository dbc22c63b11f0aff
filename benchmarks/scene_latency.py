"""From a complete scene to its products in the REST list: median and spread, in seconds.

``python -m benchmarks.scene_latency --scenes 10`` against a system that is up (with the
example loaded by ``make demo``). Scenes are sent one after another, each when the last is done, so
that the figure is the road's own and not a queue's.
"""

import statistics
import time
from typing import Annotated

import typer
from rich.console import Console

from airscale import keys, ports
from airscale.demo.client import ScaleClient
from airscale.home import Home
from airscale.login import Login
from examples.scenes import generate_scene, write_scene

_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 60.0


def main(scenes: Annotated[int, typer.Option(min=1, max=200)] = 10) -> None:
    """Send scenes and print how long each took."""
    home = Home.from_environment()
    address = ports.load(home)
    if address is None:
        raise typer.BadParameter("No system is up here. Run `make demo` first.")
    console = Console()
    run = int(time.time())
    with ScaleClient(Login(address.base_url, "admin", keys.load(home).admin_password)) as client:
        taken = [_send(client, home, f"latency-{run}-{number}") for number in range(scenes)]
    console.print(" ".join(f"{seconds:.1f}" for seconds in taken))
    console.print(
        f"scene complete to products listed: median {statistics.median(taken):.1f} s,"
        f" {min(taken):.1f} to {max(taken):.1f} s, {scenes} scenes"
    )


def _send(client: ScaleClient, home: Home, name: str) -> float:
    scene = generate_scene(int(name.rpartition("-")[2]), name=name)
    write_scene(home.ingest, scene, transfer_suffix="_tmp")
    started = time.monotonic()
    while time.monotonic() - started < _PATIENCE_SECONDS:
        if any(client.list("/products/", file_name=f"{name}.geojson")):
            return time.monotonic() - started
        time.sleep(_POLL_SECONDS)
    message = f"The products of {name} were not there after {_PATIENCE_SECONDS:.0f} s."
    raise TimeoutError(message)


if __name__ == "__main__":
    typer.run(main)
