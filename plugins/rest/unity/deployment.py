"""Deploying a process: its CWL document becomes a job type, or a recipe type with job types."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from catalog.addresses import check_address
from catalog.errors import InvalidError
from catalog.records.submissions import AdHocType
from catalog.services.ad_hoc import CATEGORY
from catalog.services.processes import Deployment
from plugins.rest.unity.descriptions import context_address, unit_address, units_of
from plugins.rest.unity.recipes import file_outputs, output_name, recipe_of
from schemas.cwl.documents import BY_VALUE, read_process
from schemas.cwl.records import FromStep, Step, Tool, Workflow

_LARGEST: Final = 4 * 1024 * 1024


def read_deployment(body: Mapping[str, Any]) -> Deployment:
    """Return what a deployment makes.

    Raises
    ------
    InvalidError
        Raised if the description lacks something, or the document cannot be read.
    DocumentError
        Raised if the document has a feature that cannot be expressed.
    """
    description = _object(body, "processDescription")
    process = _object(description, "process")
    name = process.get("id")
    version = description.get("processVersion") or process.get("version")
    if not isinstance(name, str) or not name or not isinstance(version, str) or not version:
        raise InvalidError(
            "The deployment needs processDescription.process.id and"
            " processDescription.processVersion, both texts."
        )
    text, address = _document(body, process)
    read = read_process(text, address, read_address)
    document = {
        "description": {**description, "process": process},
        "execution_unit": body.get("executionUnit") or [],
        "cwl": text,
        "inputs": [asdict(each) for each in read.inputs],
    }
    title = str(process.get("title") or read.title or name)
    if isinstance(read, Tool):
        job_type = job_type_of(read, name, version, title)
        return Deployment(name, version, title, document, [job_type])
    outputs = {each: [made.step, made.output] for each, made in read.outputs.items()}
    document |= {"outputs": outputs, "steps": _consumers(read)}
    types = [_last_type(read, name, version, title), *_step_types(read, name, version)]
    recipe = recipe_of(read, name, version)
    return Deployment(name, version, title, document, types, recipe)


def read_address(url: str) -> str:
    """Return the text at an address, if it may be fetched.

    Raises
    ------
    InvalidError
        Raised if it may not be fetched, cannot be, or is larger than 4 MiB.
    """
    import fsspec  # noqa: PLC0415 - only deployments pay for it

    check_address(url)
    try:
        with fsspec.open(url, "rb") as file:
            data: bytes = file.read(_LARGEST + 1)
    except Exception as error:  # the stores of fsspec raise what their libraries raise
        raise InvalidError(f"The document {url!r} cannot be fetched ({error}).") from error
    if len(data) > _LARGEST:
        raise InvalidError(f"The document {url!r} is larger than 4 MiB.")
    return data.decode("utf-8", "replace")


def job_type_of(
    tool: Tool,
    name: str,
    version: str,
    title: str,
    files: Mapping[str, str] | None = None,
) -> AdHocType:
    """Return the job type of a tool.

    Parameters
    ----------
    files
        Inputs that other jobs feed, by name to ``file`` or ``files``; all others are texts.
    """
    kinds = files or {}
    needs = {
        "cpus_required": tool.needs.cpus,
        "mem_required": tool.needs.mem,
        "disk_out_const_required": tool.needs.disk,
        "timeout": tool.needs.timeout,
    }
    document = {
        "name": name,
        "version": version,
        "title": title,
        "description": tool.description,
        "category": CATEGORY,
        "uses_docker": tool.needs.docker_image is not None,
        "docker_image": tool.needs.docker_image,
        "max_tries": 1,
        **{key: value for key, value in needs.items() if value is not None},
        "interface": {
            "version": "1.0",
            "command": tool.command,
            "command_arguments": tool.command_arguments,
            "input_data": [
                {
                    "name": each.name,
                    "type": kinds.get(each.name, "property"),
                    "required": each.is_required and each.kind != "flag",
                }
                for each in tool.inputs
            ],
            "output_data": [
                {
                    "name": output_name(tool, each.name),
                    "type": "files" if each.is_list else "file",
                    "required": each.is_required,
                }
                for each in tool.outputs
            ],
        },
    }
    patterns = {output_name(tool, each.name): list(each.patterns) for each in tool.outputs}
    return AdHocType(document, patterns)


def _check_fed(step: Step) -> None:
    for each in step.tool.inputs:
        if each.is_required and each.name not in step.sources:
            raise InvalidError(
                f"The input {each.name!r} of step {step.name!r} has no source and no default."
            )


def _step_types(workflow: Workflow, name: str, version: str) -> Iterator[AdHocType]:
    tools = {each.name: each.tool for each in workflow.steps}
    for step in workflow.steps:
        _check_fed(step)
        yield job_type_of(
            step.tool,
            f"{name}-{step.name}",
            version,
            f"{name}: {step.name}",
            dict(_fed_files(step, tools)),
        )


def _fed_files(step: Step, tools: Mapping[str, Tool]) -> Iterator[tuple[str, str]]:
    for name, source in step.sources.items():
        if isinstance(source, FromStep):
            yield name, "files" if file_outputs(tools, source).is_list else "file"


def _last_type(workflow: Workflow, name: str, version: str, title: str) -> AdHocType:
    """Return the type of the job that collects the outputs of a workflow."""
    tools = {each.name: each.tool for each in workflow.steps}
    interface = {
        "version": "1.0",
        "command": "/bin/true",
        "command_arguments": "",
        "input_data": [
            {
                "name": each,
                "type": "files" if file_outputs(tools, made).is_list else "file",
                "required": False,
            }
            for each, made in workflow.outputs.items()
        ],
        "output_data": [],
    }
    document = {
        "name": name,
        "version": version,
        "title": title,
        "description": workflow.description,
        "category": CATEGORY,
        "max_tries": 1,
        "interface": interface,
    }
    return AdHocType(document, {})


def _consumers(workflow: Workflow) -> dict[str, list[str]]:
    """Return the steps that each input of a workflow goes to: what is fetched, is for them."""
    found: dict[str, list[str]] = {each.name: [] for each in workflow.inputs}
    for step in workflow.steps:
        for source in step.sources.values():
            if not isinstance(source, FromStep) and step.name not in found[source.name]:
                found[source.name].append(step.name)
    return found


def _document(body: Mapping[str, Any], process: Mapping[str, Any]) -> tuple[str, str]:
    """Return the text of the CWL document and its address: by value, or fetched.

    Where the context names the document, the unit may be the image that it runs in.
    """
    units = units_of(body.get("executionUnit") or [])
    for each in units:
        unit = each.get("unit", each.get("value")) if isinstance(each, dict) else None
        if unit is not None:
            text = unit if isinstance(unit, str) else json.dumps(unit, ensure_ascii=False)
            return text, BY_VALUE
    addresses = [context_address(process), *map(unit_address, units)]
    href = next((each for each in addresses if each), None)
    if href is None:
        raise InvalidError(
            "The deployment names no CWL document. Give executionUnit with an href or a unit, or"
            " owsContext.offering.content.href."
        )
    return read_address(href.partition("#")[0]), href


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    if not isinstance(found, dict):
        raise InvalidError(f"The deployment needs the object {name!r}.")
    return found
