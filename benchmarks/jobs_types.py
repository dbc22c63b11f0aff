"""The job types and recipes that the job benchmarks run; pure, so that Airflow can read it too."""

from collections.abc import Iterator
from typing import Any, Final

IMAGE_VARIABLE: Final = "AIRSCALE_BENCH_IMAGE"
CONTAINER: Final = "bench-container"
PROCESS: Final = "bench-process"
SLEEPER: Final = "bench-sleeper"
OBEYS, IGNORES = "obeys", "ignores"
STOPPED: Final = {
    f"bench-{kind}-{how}": (kind, how)
    for kind in ("process", "container")
    for how in (OBEYS, IGNORES)
}
"""Job types that run until they are stopped: where, and what they do about SIGTERM."""
RECIPES: Final = {CONTAINER: "bench-container-recipe", PROCESS: "bench-process-recipe"}
_VERSION: Final = "1.0"
_AT_ONCE: Final = 8
_TRAPS: Final = {OBEYS: "exit 0", IGNORES: ""}


def configuration(image: str) -> dict[str, Any]:
    """Return a configuration document with them.

    Eight of a `true` run at once, as many as the engine is given when it is driven directly.
    """
    types = [
        _job_type(CONTAINER, "true", image=image, max_scheduled=_AT_ONCE),
        _job_type(PROCESS, "true", max_scheduled=_AT_ONCE),
        _job_type(SLEEPER, "sleep 3600", image=image),
        *_stopped_types(image),
    ]
    return {
        "version": "1.0",
        "errors": [],
        "job_types": types,
        "recipe_types": [_recipe_type(name, job) for job, name in RECIPES.items()],
    }


def _stopped_types(image: str) -> Iterator[dict[str, Any]]:
    for name, (kind, how) in STOPPED.items():
        script = f"trap '{_TRAPS[how]}' TERM; while true; do sleep 0.1; done"
        yield _job_type(name, f'sh -c "{script}"', image=image if kind == "container" else None)


def _job_type(name: str, command: str, *, image: str | None = None, **more: Any) -> dict[str, Any]:
    program, _, arguments = command.partition(" ")
    return {
        "name": name,
        "version": _VERSION,
        "max_tries": 1,
        "uses_docker": image is not None,
        "docker_image": image,
        "cpus_required": 0.25,
        "mem_required": 64.0,
        "interface": {
            "version": "1.0",
            "command": program,
            "command_arguments": arguments,
            "input_data": [],
            "output_data": [],
        },
        **more,
    }


def _recipe_type(name: str, job_type: str) -> dict[str, Any]:
    job = {
        "name": "only",
        "job_type": {"name": job_type, "version": _VERSION},
        "recipe_inputs": [],
        "dependencies": [],
    }
    definition = {"version": "1.0", "input_data": [], "jobs": [job]}
    return {"name": name, "version": _VERSION, "definition": definition}
