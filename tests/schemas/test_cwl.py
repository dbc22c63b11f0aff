"""CWL documents, read into what job types and recipes can express."""

from typing import Any, Final

import pytest

from schemas.cwl.documents import BY_VALUE, joined, read_process
from schemas.cwl.records import Kind, Tool
from schemas.problems import DocumentError

TOOL: Final = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [convert, -v]
arguments: ["in $(inputs.scale)", {prefix: --to, valueFrom: $(runtime.outdir)/out.tif}]
requirements:
  DockerRequirement: {dockerPull: "gdal:3"}
  ResourceRequirement: {coresMin: 2, ramMin: 512, outdirMin: 10}
  ToolTimeLimit: {timelimit: 60}
  EnvVarRequirement: {envDef: {MODE: "fast one"}}
hints: {SoftwareRequirement: {packages: []}}
inputs:
  scale: {type: int?, default: 3}
  quiet: {type: boolean, inputBinding: {prefix: --quiet}}
  name: {type: string?, inputBinding: {prefix: -n=, separate: false, position: 2}}
  bands: {type: "string[]", inputBinding: {itemSeparator: "+", position: 1}}
  method: {type: {type: enum, symbols: [near, cubic]}}
outputs:
  image: {type: File, outputBinding: {glob: "*.tif"}}
  tiles: {type: Directory, outputBinding: {glob: tiles}}
stdout: log.txt
"""


def nothing(address: str) -> str:
    """Refuse to read anything."""
    raise AssertionError(address)


def read(text: str) -> Any:
    return read_process(text, BY_VALUE, nothing)


def test_a_tool_is_a_command_with_arguments() -> None:
    tool = read(TOOL)

    assert isinstance(tool, Tool)
    assert tool.command == (
        "/usr/bin/env 'MODE=fast one' /bin/sh -c 'exec \"$@\" > log.txt' sh convert -v"
    )
    assert tool.command_arguments == (
        "'in '${scale} --to ${job_output_dir}/out.tif ${--quiet:quiet} ${bands} ${-n=:name}"
    )


def test_a_tool_says_what_it_needs_takes_and_makes() -> None:
    tool = read(TOOL)

    needs = tool.needs
    assert (needs.docker_image, needs.cpus, needs.mem, needs.disk) == ("gdal:3", 2.0, 512.0, 10.0)
    assert needs.timeout == 60
    inputs = {each.name: each for each in tool.inputs}
    assert (inputs["scale"].kind, inputs["scale"].default) == (Kind.NUMBER, 3)
    assert inputs["method"].choices == ("near", "cubic")
    assert inputs["bands"].separator == "+"
    outputs = [(each.name, each.patterns, each.is_list) for each in tool.outputs]
    assert outputs == [("image", ("*.tif",), False), ("tiles", ("tiles/**/*",), True)]


@pytest.mark.parametrize(
    ("old", "new", "feature"),
    [
        ("stdout: log.txt", "stdin: log.txt", "stdin"),
        ("stdout: log.txt", "successCodes: [1]", "successCodes"),
        ("stdout: log.txt", "stdout: $(inputs.name)", "expression"),
        ("ToolTimeLimit: {timelimit: 60}", "InitialWorkDirRequirement: {listing: []}",
         "InitialWorkDirRequirement"),
        ("coresMin: 2", "coresMin: $(inputs.scale)", "expression"),
        ('{itemSeparator: "+", position: 1}', "{}", "array without itemSeparator"),
        ('glob: "*.tif"', 'glob: "*.tif", outputEval: $(self)', "outputEval"),
        ("{prefix: --quiet}", '{prefix: --quiet, valueFrom: "x"}', "valueFrom"),
        ("int?", "[int, string]", "union of types"),
    ],
)  # fmt: skip
def test_a_feature_without_counterpart_is_refused_by_its_name(
    old: str, new: str, feature: str
) -> None:
    assert old in TOOL

    with pytest.raises(DocumentError, match=feature):
        read(TOOL.replace(old, new))


@pytest.mark.parametrize("text", ["", "{", "a: b", "[]", "cwlVersion: v9\nclass: Workflow"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read(text)


@pytest.mark.parametrize("scheme", ["https", "file", "s3"])
def test_an_address_is_relative_to_the_document_that_names_it(scheme: str) -> None:
    assert joined(f"{scheme}://host/a/b.cwl", "../c.cwl") == f"{scheme}://host/c.cwl"
    assert joined(f"{scheme}://host/a/b.cwl", "https://x/y.cwl") == "https://x/y.cwl"
