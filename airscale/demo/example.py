"""The example's documents, loaded into a system through its REST API."""

import json
from typing import Any, Final, assert_never

from airscale.demo.client import ScaleClient
from airscale.demo.runtime import DemoRuntime
from airscale.home import PROJECT_ROOT, Home
from examples.docker import BUILD, IMAGE
from examples.docker.configuration import docker_configuration

_EXAMPLES: Final = PROJECT_ROOT / "examples"


def missing(runtime: DemoRuntime) -> str | None:
    """Return what the example's jobs need on this host and it has not got, None if nothing."""
    match runtime:
        case DemoRuntime.PROCESS:
            return None
        case DemoRuntime.DOCKER:
            # Imported only here: no other command should wait for the Docker client's libraries.
            from dag_factory.runtimes import docker_check  # noqa: PLC0415

            return docker_check.missing(IMAGE, BUILD)
        case _:
            assert_never(runtime)


def load(client: ScaleClient, home: Home, runtime: DemoRuntime) -> None:
    """Create the workspaces, job types, recipe type and Strike process that are not there yet.

    Repeating it changes nothing, but for the runtime of the job types.
    """
    for workspace in _document("workspaces.json", home):
        if not any(client.list("/workspaces/", name=workspace["name"])):
            client.post("/workspaces/", workspace)
    client.post("/configuration/", {"import": _configuration(home, runtime)})
    strike = _document("strike.json", home)
    if not any(each["name"] == strike["name"] for each in client.list("/strikes/")):
        client.post("/strike/create/", strike)


def _configuration(home: Home, runtime: DemoRuntime) -> dict[str, Any]:
    configuration: dict[str, Any] = _document("configuration.json", home)
    match runtime:
        case DemoRuntime.PROCESS:
            return configuration
        case DemoRuntime.DOCKER:
            return docker_configuration(configuration, IMAGE)
        case _:
            assert_never(runtime)


def _document(name: str, home: Home) -> Any:
    text = (_EXAMPLES / name).read_text(encoding="utf-8")
    return json.loads(text.replace("@HOME@", json.dumps(str(home.root))[1:-1]))
