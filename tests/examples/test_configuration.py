"""The example's documents agree with each other and with the algorithms."""

import ast
import copy
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from examples.algorithms import detect_points, make_geotiff
from examples.docker.configuration import docker_configuration, main
from examples.scenes import generate_scene

EXAMPLES = Path(__file__).parents[2] / "examples"


def document(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


@pytest.fixture
def configuration() -> dict[str, Any]:
    loaded: dict[str, Any] = document("configuration.json")
    return loaded


def job_type(configuration: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in configuration["job_types"] if each["name"] == name)
    assert isinstance(found, dict)
    return found


def test_the_export_has_its_parts(configuration: dict[str, Any]) -> None:
    assert set(configuration) == {"version", "errors", "job_types", "recipe_types"}
    versions = {each["name"]: each["version"] for each in configuration["job_types"]}
    assert versions == {"geotiff-maker": "1.2.3", "point-detector": "4.5.6"}


def test_every_command_is_an_executable_algorithm(configuration: dict[str, Any]) -> None:
    for each in configuration["job_types"]:
        algorithm = EXAMPLES / "algorithms" / each["interface"]["command"]
        assert os.access(algorithm, os.X_OK)
        assert algorithm.read_text(encoding="utf-8").startswith("#!/usr/bin/env python3\n")


def test_every_argument_is_an_input_or_the_output_directory(configuration: dict[str, Any]) -> None:
    for each in configuration["job_types"]:
        interface = each["interface"]
        inputs = [each_input["name"] for each_input in interface["input_data"]]
        arguments = re.findall(r"\$\{([^}]+)\}", interface["command_arguments"])
        assert arguments == [*inputs, "job_output_dir"]


def test_every_data_exit_code_is_mapped_to_an_error_of_the_export(
    configuration: dict[str, Any],
) -> None:
    maker = job_type(configuration, "geotiff-maker")["error_mapping"]["exit_codes"]
    detector = job_type(configuration, "point-detector")["error_mapping"]["exit_codes"]
    no_data = {"DONE", "FILE_FAILURE", "USAGE"}
    for mapped, codes in ((maker, make_geotiff.ExitCode), (detector, detect_points.ExitCode)):
        assert set(mapped) == {str(int(code)) for code in codes if code.name not in no_data}
    errors = {each["name"] for each in configuration["errors"]}
    assert {*maker.values(), *detector.values()} == errors
    assert {each["category"] for each in configuration["errors"]} == {"DATA"}


def test_the_recipe_connects_what_the_job_types_have(configuration: dict[str, Any]) -> None:
    (recipe,) = configuration["recipe_types"]
    make, detect = recipe["definition"]["jobs"]
    maker = job_type(configuration, make["job_type"]["name"])
    detector = job_type(configuration, detect["job_type"]["name"])
    recipe_inputs = [each["name"] for each in recipe["definition"]["input_data"]]
    assert [each["recipe_input"] for each in make["recipe_inputs"]] == recipe_inputs
    assert [each["job_input"] for each in make["recipe_inputs"]] == [
        each["name"] for each in maker["interface"]["input_data"]
    ]
    (dependency,) = detect["dependencies"]
    assert dependency["name"] == make["name"]
    (connection,) = dependency["connections"]
    (output,) = maker["interface"]["output_data"]
    (detector_input,) = detector["interface"]["input_data"]
    assert connection == {"output": output["name"], "input": detector_input["name"]}
    assert detector_input["media_types"] == [output["media_type"]]


def test_the_trigger_groups_both_files_of_a_scene(configuration: dict[str, Any]) -> None:
    (recipe,) = configuration["recipe_types"]
    trigger = recipe["trigger_rule"]["configuration"]
    pattern = re.compile(trigger["group_by"])
    assert pattern.groups == 1
    scene = generate_scene(0, size=64, points=1)
    keys = [pattern.fullmatch(f"{scene.name}.{kind}") for kind in ("png", "csv")]
    assert [key and key[1] for key in keys] == [scene.name, scene.name]
    inputs = {each["input_data_name"]: each["media_type"] for each in trigger["inputs"]}
    recipe_inputs = recipe["definition"]["input_data"]
    assert inputs == {each["name"]: each["media_types"][0] for each in recipe_inputs}


def test_strike_and_trigger_name_workspaces_that_exist(configuration: dict[str, Any]) -> None:
    workspaces = {each["name"]: each for each in document("workspaces.json")}
    assert set(workspaces) == {"raw", "products"}
    for name, workspace in workspaces.items():
        broker = workspace["json_config"]["broker"]
        assert broker == {"type": "host", "host_path": f"@HOME@/workspaces/{name}"}
    (recipe,) = configuration["recipe_types"]
    assert recipe["trigger_rule"]["configuration"]["data"]["workspace_name"] in workspaces
    for rule in document("strike.json")["configuration"]["files_to_ingest"]:
        assert rule["workspace_name"] in workspaces


@pytest.mark.parametrize(
    ("name", "matches"),
    [("a.png", True), ("a b.csv", True), ("two\nlines.png", True), ("a.txt", False),
     ("a.png.bak", False), (".png", False)],
)  # fmt: skip
def test_strike_ingests_images_and_georeferences(name: str, *, matches: bool) -> None:
    rules = document("strike.json")["configuration"]["files_to_ingest"]
    assert any(re.match(rule["filename_regex"], name) for rule in rules) is matches


def test_the_containers_twin_differs_only_in_its_image(configuration: dict[str, Any]) -> None:
    before = copy.deepcopy(configuration)
    twin = docker_configuration(configuration, "examples:1")
    assert configuration == before
    for each in twin["job_types"]:
        assert (each.pop("uses_docker"), each.pop("docker_image")) == (True, "examples:1")
    for each in before["job_types"]:
        assert (each.pop("uses_docker"), each.pop("docker_image")) == (False, None)
    assert twin == before


def test_the_twin_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples:1"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == docker_configuration(document("configuration.json"), "examples:1")


@pytest.mark.parametrize("name", ["make_geotiff.py", "detect_points.py"])
def test_an_algorithm_imports_only_what_the_image_installs(name: str) -> None:
    dockerfile = (EXAMPLES / "docker" / "Dockerfile").read_text(encoding="utf-8")
    installed = re.search(r"constraints\.txt ([a-z ]+);", dockerfile)
    assert installed is not None
    allowed = {"PIL" if each == "pillow" else each for each in installed[1].split()}
    tree = ast.parse((EXAMPLES / "algorithms" / name).read_text(encoding="utf-8"))
    imported = {
        module.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for module in ([node.module or "."] if isinstance(node, ast.ImportFrom)
                       else [alias.name for alias in node.names])
    }  # fmt: skip
    assert imported <= allowed | sys.stdlib_module_names


def test_what_the_image_installs_is_pinned() -> None:
    constraints = (EXAMPLES.parent / "constraints.txt").read_text(encoding="utf-8")
    for package in ("numpy", "pillow", "rasterio"):
        assert re.search(rf"^{package}==\S+$", constraints, re.MULTILINE)
