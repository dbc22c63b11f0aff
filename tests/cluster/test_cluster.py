"""The cluster for real: scenes through it while parts of it die, upgrades, backup and restore."""

from datetime import UTC, datetime

import pytest

from airscale.demo import example
from airscale.demo.client import ScaleClient
from airscale.demo.runtime import DemoRuntime
from airscale.demo.scenes import SceneSet
from examples.docker import IMAGE
from tests.cluster.compose import Cluster, docker, eventually
from tests.support.airflow_rest import task_log
from tests.support.docker import require_image
from tests.support.queueing import configure, queue

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

MIB = 1024 * 1024
LARGEST_IMAGE = 900 * 1000 * 1000


def test_the_image_is_small_runs_without_root_and_has_no_build_tools() -> None:
    size = int(docker("image", "inspect", "--format", "{{.Size}}", "airscale:0.1.0"))
    assert size < LARGEST_IMAGE
    probe = "id -u; command -v gcc cc make pip uv || echo none"
    printed = docker("run", "--rm", "--entrypoint", "sh", "airscale:0.1.0", "-c", probe)
    assert printed.split() == ["50000", "none"]


def test_no_secret_stands_in_the_document(cluster: Cluster) -> None:
    shown = cluster.compose("config")
    for name in ("postgres_password", "redis_password", "fernet_key", "admin_password"):
        secret = cluster.compose("exec", "-T", "worker-1", "cat", f"/run/airscale/secrets/{name}")
        assert len(secret) > 10
        assert secret not in shown


def test_the_doctor_in_a_container_finds_nothing_broken(cluster: Cluster) -> None:
    said = cluster.doctor()
    assert "broken" not in said
    assert "scheduler-1, scheduler-2" in said
    assert "triggerer-1, triggerer-2" in said


def test_two_migrations_at_once_change_nothing(cluster: Cluster) -> None:
    script = (
        "python -m airscale migrate & python -m airscale migrate; first=$?; wait $! && exit $first"
    )
    cluster.compose("exec", "-T", "dag-processor", "sh", "-c", script)


def test_every_scene_gets_one_set_of_products_while_a_worker_a_triggerer_and_a_scheduler_die(
    cluster: Cluster,
) -> None:
    require_image(IMAGE)
    scenes = SceneSet(DemoRuntime.DOCKER, 8)
    since = datetime.now(UTC)
    with cluster.client() as client:
        example.load(client, cluster.home, DemoRuntime.DOCKER)
        scenes.copy_to(cluster.home)
        eventually(lambda: list(client.list("/jobs/", status="RUNNING")))
        for service in ("triggerer-1", "scheduler-1", "worker-1"):
            cluster.kill(service)
        eventually(lambda: scenes.is_done(scenes.progress(client, since)))
        for service in ("triggerer-1", "scheduler-1", "worker-1"):
            cluster.compose("up", "-d", "--no-build", "--no-deps", service)
        names = sorted(str(each["file_name"]) for each in scenes.products_of(client))
        assert names == sorted(scenes.products)
        _check_where_they_ran(client)


def _check_where_they_ran(client: ScaleClient) -> None:
    executions = [
        client.get(f"/job-executions/{each['id']}/") for each in client.list("/job-executions/")
    ]
    ours = [each for each in executions if each["job"]["job_type"]["name"] == "point-detector"]
    assert ours
    assert {each["node"]["hostname"] for each in ours} <= {"triggerer-1", "triggerer-2"}
    assert all(client.get(f"/job-executions/{each['id']}/logs/") for each in ours)


@pytest.mark.parametrize("start", ["worker", "triggerer"])
def test_the_log_of_a_running_job_is_read_from_the_api_server(cluster: Cluster, start: str) -> None:
    require_image(IMAGE)
    name = f"talking-{start}"
    program = "echo heard; echo other >&2; sleep 600"
    with cluster.client() as client:
        arguments = f"-c '{program}'"
        container = {"uses_docker": True, "docker_image": IMAGE, "arguments": arguments}
        job = queue(client, configure(client, name, "sh", start=start, **container))
        eventually(lambda: client.get(f"/jobs/{job}/")["status"] == "RUNNING")
        (execution,) = client.list("/job-executions/", job_type_name=name)
        eventually(lambda: _printed(client, execution["id"]) == ("heard\n", "other\n"))
        eventually(lambda: {"heard", "[stderr] other"} <= _task_log(cluster, name, job))
        assert client.get(f"/jobs/{job}/")["status"] == "RUNNING"
        client.patch(f"/jobs/{job}/", {"status": "CANCELED"})
        eventually(lambda: client.get(f"/jobs/{job}/")["status"] == "CANCELED")


def _printed(client: ScaleClient, execution: int) -> tuple[str, str]:
    logs = client.get(f"/job-executions/{execution}/logs/")
    return logs["stdout"], logs["stderr"]


def _task_log(cluster: Cluster, name: str, job: int) -> set[str]:
    return set(task_log(cluster.login, f"job.{name}.1.0", f"job-{job}"))


def test_a_backup_restores_the_same_answers(cluster: Cluster) -> None:
    with cluster.client() as client:
        before = _answers(client)
    services = ("api-server", "scheduler-1", "scheduler-2", "triggerer-1", "triggerer-2")
    others = ("dag-processor", "worker-1", "worker-2")
    dumps = {name: _dump(cluster, name) for name in ("airflow", "airscale")}
    cluster.compose("stop", "--timeout", "5", *services, *others)
    for name in dumps:
        _psql(cluster, "postgres", f"DROP DATABASE {name} WITH (FORCE);")
        _psql(cluster, "postgres", f"CREATE DATABASE {name} TEMPLATE template0;")
    for name, dump in dumps.items():
        _psql(cluster, name, dump)
    cluster.compose("start", *services, *others)
    eventually(lambda: {"api-server", "triggerer-1"} <= cluster.healthy())
    with cluster.client() as client:
        assert _answers(client) == before


def _answers(client: ScaleClient) -> list[object]:
    paths = ("/recipes/", "/products/", "/sources/", "/job-types/", "/ingests/")
    return [[each["id"] for each in client.list(path)] for path in paths]


def _dump(cluster: Cluster, name: str) -> str:
    return cluster.compose("exec", "-T", "postgres", "pg_dump", "-U", "airscale", name)


def _psql(cluster: Cluster, database: str, sql: str) -> None:
    options = ("-q", "-v", "ON_ERROR_STOP=1", "-U", "airscale", "-d", database)
    cluster.compose("exec", "-T", "postgres", "psql", *options, text=sql)
