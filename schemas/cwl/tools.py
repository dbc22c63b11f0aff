"""CommandLineTools read into records; what cannot be expressed is refused by its name."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from schemas.cwl.commands import arguments_of, command_of, literal, short_name
from schemas.cwl.records import CwlInput, CwlOutput, Kind, Needs, Tool, refuse_feature

_KINDS: Final[Mapping[str, Kind]] = {
    "string": Kind.TEXT,
    "int": Kind.NUMBER,
    "long": Kind.NUMBER,
    "float": Kind.NUMBER,
    "double": Kind.NUMBER,
    "boolean": Kind.FLAG,
    "File": Kind.FILE,
    "Directory": Kind.DIRECTORY,
}
# InlineJavascriptRequirement only allows expressions; each is refused where it stands.
_WITHOUT_EFFECT: Final = frozenset(
    {"InlineJavascriptRequirement", "NetworkAccess", "WorkReuse", "LoadListingRequirement"}
)
_NEEDS: Final = frozenset(
    {"DockerRequirement", "ResourceRequirement", "ToolTimeLimit", "EnvVarRequirement"}
)
_NOT_ON_TOOLS: Final = (
    "stdin", "stderr", "successCodes", "temporaryFailCodes", "permanentFailCodes"
)  # fmt: skip
_NOT_ON_PARAMETERS: Final = ("secondaryFiles", "loadContents", "loadListing")


def read_tool(tool: Any, inherited: Iterable[Any] = ()) -> Tool:
    """Return the record of a loaded CommandLineTool.

    Parameters
    ----------
    inherited
        Requirements and hints of the workflow that it is a step of.

    Raises
    ------
    DocumentError
        Raised for the first feature that a job type has no counterpart of.
    """
    for name in _NOT_ON_TOOLS:
        if getattr(tool, name, None) not in (None, [], [0]):
            refuse_feature(name, "CommandLineTool")
    needs = _needs([*inherited, *(tool.hints or ()), *(tool.requirements or ())])
    check_requirements(tool.requirements)
    inputs = [read_input(each) for each in tool.inputs]
    stdout = _stdout(tool)
    return Tool(
        title=text_of(tool.label),
        description=text_of(tool.doc),
        command=command_of(tool, stdout, needs.environment),
        command_arguments=arguments_of(tool, {each.name: each for each in inputs}),
        inputs=tuple(inputs),
        outputs=tuple(_output(each, stdout) for each in tool.outputs),
        needs=needs,
    )


def read_input(given: Any) -> CwlInput:
    """Return the record of an input of a tool or a workflow."""
    name = short_name(given.id)
    where = f"inputs.{name}"
    _check_parameter(given, where)
    type_, is_optional = _type_of(given.type_, where)
    kind, separator, choices = _shape(type_, getattr(given, "inputBinding", None), where)
    default = getattr(given, "default", None)
    if kind in (Kind.FILE, Kind.DIRECTORY) and default is not None:
        default = {"class": type_, "location": getattr(default, "location", None) or default.path}
    return CwlInput(
        name=name,
        kind=kind,
        is_required=not is_optional and default is None,
        default=default,
        separator=separator,
        choices=choices,
    )


def check_requirements(requirements: Iterable[Any] | None) -> None:
    """Refuse requirements that have no counterpart; a hint may always be left aside."""
    for each in requirements or ():
        if each.class_ not in _NEEDS | _WITHOUT_EFFECT:
            refuse_feature(each.class_, "requirements")


def text_of(value: Any) -> str | None:
    """Return a label or a documentation, which may be a list of lines."""
    return "\n".join(value) if isinstance(value, list) else value


def _check_parameter(given: Any, where: str) -> None:
    for name in _NOT_ON_PARAMETERS:
        if getattr(given, name, None):
            refuse_feature(name, where)


def _type_of(type_: Any, where: str) -> tuple[Any, bool]:
    """Return a type without its null, and whether it had one."""
    if not isinstance(type_, list):
        return type_, False
    others = [each for each in type_ if each != "null"]
    if len(others) != 1:
        refuse_feature("union of types", where)
    return others[0], len(others) < len(type_)


def _shape(type_: Any, binding: Any, where: str) -> tuple[Kind, str | None, tuple[str, ...]]:
    """Return kind, separator and choices of the input of a type."""
    if isinstance(type_, str):
        if type_ not in _KINDS:
            refuse_feature(f"type {type_!r}", where)
        return _KINDS[type_], None, ()
    form = type_.type_
    if form == "enum":
        return Kind.TEXT, None, tuple(short_name(each) for each in type_.symbols)
    if form != "array":
        refuse_feature(f"type {form!r}", where)
    kind, nested, choices = _shape(type_.items, None, where)
    separator = getattr(binding, "itemSeparator", None)
    is_plain = kind in (Kind.TEXT, Kind.NUMBER) and nested is None
    if not is_plain or (binding is not None and separator is None):
        refuse_feature("array without itemSeparator, or of more than plain values", where)
    return kind, separator or ",", choices


def _output(given: Any, stdout: str | None) -> CwlOutput:
    name = short_name(given.id)
    where = f"outputs.{name}"
    _check_parameter(given, where)
    type_, is_optional = _type_of(given.type_, where)
    if type_ == "stdout":
        return CwlOutput(name, (stdout or "",), is_list=False, is_required=True)
    is_list = not isinstance(type_, str)
    item = type_.items if is_list and type_.type_ == "array" else type_
    binding = given.outputBinding
    if item not in ("File", "Directory") or binding is None or binding.glob is None:
        refuse_feature(f"output that is no file with a glob ({item!r})", where)
    for unknown in ("outputEval", "loadContents"):
        if getattr(binding, unknown, None):
            refuse_feature(unknown, where)
    globs = [binding.glob] if isinstance(binding.glob, str) else binding.glob
    patterns = [literal(each, f"{where}.outputBinding.glob").rstrip("/") for each in globs]
    if item == "Directory":
        patterns = ["**/*" if each == "." else f"{each}/**/*" for each in patterns]
    return CwlOutput(
        name=name,
        patterns=tuple(patterns),
        is_list=is_list or item == "Directory",
        is_required=not is_optional and item == "File" and not is_list,
    )


def _stdout(tool: Any) -> str | None:
    """Return the name of the file that standard output goes to, if it goes to one."""
    if tool.stdout is not None:
        return literal(tool.stdout, "stdout")
    for each in tool.outputs:
        if each.type_ == "stderr":
            refuse_feature("stderr", f"outputs.{short_name(each.id)}")
        if each.type_ == "stdout":
            return f"{short_name(each.id)}.stdout"
    return None


def _needs(requirements: Iterable[Any]) -> Needs:
    """Return what requirements say; of those of one kind, the last counts."""
    by_class = {each.class_: each for each in requirements if hasattr(each, "class_")}
    docker = by_class.get("DockerRequirement")
    resources = by_class.get("ResourceRequirement")
    limit = by_class.get("ToolTimeLimit")
    variables = by_class.get("EnvVarRequirement")
    disk = [_amount(resources, name) for name in ("outdirMin", "tmpdirMin")]
    return Needs(
        docker_image=None if docker is None else _image(docker),
        cpus=_amount(resources, "coresMin"),
        mem=_amount(resources, "ramMin"),
        disk=sum(each or 0.0 for each in disk) if any(disk) else None,
        timeout=None if limit is None else int(_amount(limit, "timelimit") or 0),
        environment={
            each.envName: literal(each.envValue, "EnvVarRequirement")
            for each in ([] if variables is None else variables.envDef)
        },
    )


def _image(docker: Any) -> str:
    for name in ("dockerLoad", "dockerFile", "dockerImport", "dockerOutputDirectory"):
        if getattr(docker, name):
            refuse_feature(name, "DockerRequirement")
    image = docker.dockerPull or docker.dockerImageId
    if not image:
        refuse_feature("DockerRequirement without dockerPull", "requirements")
    return str(image)


def _amount(requirement: Any, name: str) -> float | None:
    value = None if requirement is None else getattr(requirement, name)
    if value is None:
        return None
    if not isinstance(value, int | float):
        refuse_feature(f"expression {value!r}", f"{requirement.class_}.{name}")
    return float(value)
