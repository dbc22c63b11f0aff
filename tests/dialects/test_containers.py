"""Jobs of OpenPAI and of CWL as containers: the right image, command, environment and outputs."""

import json
import time
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from examples.docker import IMAGE
from tests.dialects.conftest import Bench
from tests.dialects.pai import API, config, detail, role
from tests.dialects.test_unity_processes import deploy, execute
from tests.support.docker import docker, require_docker, with_own_execution_ids

pytestmark = [pytest.mark.airflow, pytest.mark.docker, pytest.mark.timeout(180)]
IN_A_CONTAINER: Final = "test -f /.dockerenv"
TOOL: Final[dict[str, Any]] = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "requirements": [
        {"class": "DockerRequirement", "dockerPull": IMAGE},
        {"class": "EnvVarRequirement", "envDef": {"GREETING": "good day"}},
    ],
    "baseCommand": ["/bin/sh", "-c"],
    "arguments": [f'{IN_A_CONTAINER} && printf "%s\\n" "$GREETING" "$1" > said.txt', "sh"],
    "inputs": {"whom": {"type": "string", "inputBinding": {"position": 1}}},
    "outputs": {"said": {"type": "File", "outputBinding": {"glob": "said.txt"}}},
}


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue) -> None:
    """Have an engine, in which no container has the name of one of these tests."""
    require_docker()
    monkeypatch.delenv("AIRSCALE_PAI_RUNTIME", raising=False)
    with_own_execution_ids(catalogue)


def images_since(moment: float, executions: list[str]) -> list[str]:
    """Return the images of the containers of executions that were made since a time."""
    window = ["--since", str(int(moment)), "--until", str(int(time.time()) + 1)]
    printed = docker("events", *window, "--filter", "event=create", "--format", "{{json .}}")
    made = [json.loads(line)["Actor"]["Attributes"] for line in printed.splitlines()]
    return [each["image"] for name in executions for each in made if each["name"] == name]


def test_the_tasks_of_a_job_of_openpai_are_containers(
    client: TestClient, bench: Bench, catalogue: Catalogue
) -> None:
    say = f'{IN_A_CONTAINER} && env | sort && echo "$PAI_TASK_INDEX" > "$JOB_OUTPUT_DIR/index.txt"'
    document = {**config("contained", role("worker", say, 2, memoryMB=128)), "image": IMAGE}
    started = time.time()
    assert client.post(
        f"{API}/jobs", json={**document, "killAllOnCompletedTaskNumber": 2}
    ).is_success

    bench.run()

    found = detail(client, "contained")
    assert found["state"] == "SUCCEEDED", found["appExitDiagnostics"]
    tasks = found["taskRoles"]["worker"]["taskStatuses"]
    assert images_since(started, [each["containerId"] for each in tasks]) == [IMAGE, IMAGE]
    for index, task in enumerate(tasks):
        printed = client.get(task["containerLog"]).json()["stdout"]
        told = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
        assert (told["PAI_TASK_INDEX"], told["PAI_JOB_NAME"]) == (str(index), "contained")
        assert told["PAI_CURRENT_TASK_ROLE_MEM_MB"] == "128"
        assert told["PAI_CONTAINER_HOST_PORT"] == task["containerPorts"]["http"]
    with catalogue.database.reading() as connection:
        made = connection.exec_driver_sql("SELECT file_name FROM scale_file").scalars().all()
    assert made == ["index.txt", "index.txt"]


def test_a_tool_of_cwl_with_an_image_is_a_container(client: TestClient, bench: Bench) -> None:
    deploy(client, "contained", "1", TOOL)
    started = time.time()
    location = execute(client, "contained:1", {"inputs": {"whom": "the moon; exit 3"}})

    bench.run()

    assert client.get(location).json()["status"] == "succeeded", client.get(location).json()
    (execution,) = client.get("/scale/api/job-executions/").json()["results"]
    assert images_since(started, [f"airscale-exe-{execution['id']}"]) == [IMAGE]
    (output,) = client.get(f"{location}/result").json()["outputs"]
    assert output["id"] == "said"
    said = Path(output["href"].removeprefix("file://")).read_text(encoding="utf-8")
    assert said == "good day\nthe moon; exit 3\n"
