"""The recipe of a workflow: its steps, what connects them, and the job that ends it."""

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.errors import InvalidError
from catalog.services.processes import LAST_JOB
from schemas.cwl.records import CwlInput, CwlOutput, FromStep, Kind, Step, Tool, Workflow


def recipe_of(workflow: Workflow, name: str, version: str) -> dict[str, Any]:
    """Return the definition of the recipe type of a workflow.

    Parameters
    ----------
    name, version
        Of the process; the job type of a step is called after both.
    """
    tools = {each.name: each.tool for each in workflow.steps}
    return {
        "version": "1.0",
        "input_data": [
            {"name": each.name, "type": "property", "required": _is_given(each)}
            for each in workflow.inputs
        ],
        "jobs": [
            *(_job(each, f"{name}-{each.name}", version, tools) for each in workflow.steps),
            {
                "name": LAST_JOB,
                "job_type": {"name": name, "version": version},
                "dependencies": list(_ends(workflow, tools)),
            },
        ],
    }


def _is_given(declared: CwlInput) -> bool:
    """Say whether an input always has a text: a truth has none when it is false."""
    has_value = declared.is_required or declared.default is not None
    return has_value and declared.kind is not Kind.FLAG


def file_outputs(tools: Mapping[str, Tool], source: FromStep) -> CwlOutput:
    """Return the output of a step that something is fed from."""
    tool = tools.get(source.step)
    found = [each for each in tool.outputs if each.name == source.output] if tool else []
    if not found:
        raise InvalidError(f"The workflow has no output {source.step}/{source.output}.")
    return found[0]


def output_name(tool: Tool, name: str) -> str:
    """Return the name of an output in the catalogue, where no input may have the same."""
    return f"{name}-output" if any(each.name == name for each in tool.inputs) else name


def _job(step: Step, type_name: str, version: str, tools: Mapping[str, Tool]) -> dict[str, Any]:
    inputs, made = [], {}
    for name, source in step.sources.items():
        if isinstance(source, FromStep):
            made[name] = source
        else:
            inputs.append({"recipe_input": source.name, "job_input": name})
    return {
        "name": step.name,
        "job_type": {"name": type_name, "version": version},
        "recipe_inputs": inputs,
        "dependencies": list(_dependencies(made, tools)),
    }


def _dependencies(
    made: Mapping[str, FromStep], tools: Mapping[str, Tool]
) -> Iterator[dict[str, Any]]:
    for parent in dict.fromkeys(each.step for each in made.values()):
        connections = []
        for name, source in made.items():
            if source.step == parent:
                file_outputs(tools, source)
                output = output_name(tools[parent], source.output)
                connections.append({"output": output, "input": name})
        yield {"name": parent, "connections": connections}


def _ends(workflow: Workflow, tools: Mapping[str, Tool]) -> Iterator[dict[str, Any]]:
    """Yield what the last job waits for: the steps with outputs, and those nobody waits for."""
    yield from _dependencies(workflow.outputs, tools)
    waited_for = {
        source.step
        for step in workflow.steps
        for source in step.sources.values()
        if isinstance(source, FromStep)
    } | {each.step for each in workflow.outputs.values()}
    for step in workflow.steps:
        if step.name not in waited_for:
            yield {"name": step.name}
