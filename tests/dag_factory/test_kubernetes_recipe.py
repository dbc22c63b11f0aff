"""Jobs run to their ends by the runner with a pod for each, on a real cluster."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import func, select

from catalog.catalogue import Catalogue
from catalog.records.files import FileRecord
from catalog.states import FileKind, JobStatus
from catalog.tables import JobExecution, Node
from dag_factory.cluster_nodes import CLUSTER
from dag_factory.runner import JobRunner
from dag_factory.runtimes.choice import ENGINE_VARIABLE
from dag_factory.runtimes.kubernetes import KubernetesRuntime
from dag_factory.runtimes.kubernetes_pod import TEMPLATE_VARIABLE
from dag_factory.runtimes.kubernetes_volumes import VOLUMES_VARIABLE
from dag_factory.work_directory import WorkDirectory
from examples.docker import IMAGE
from examples.docker.configuration import docker_configuration
from tests.dag_factory.jobs import Bench
from tests.dag_factory.pods import shared_folder
from tests.dag_factory.test_runner import details, files, outbox
from tests.support.catalogues import World, interface, job_type
from tests.support.docker import async_until, require_docker
from tests.support.kubernetes import (
    CONNECTION,
    claim_of,
    connection,
    core,
    evict,
    pods_called,
    require_kubernetes,
)
from tests.support.kubernetes import IMAGE as TINY
from tests.support.scenes import arrive_scene, configuration, load_example

pytestmark = [pytest.mark.kubernetes, pytest.mark.timeout(300)]
WAIT_FOR_GO = "until [ -e go ]; do sleep 0.05; done"
MAKE = f"echo begun; touch begun; {WAIT_FOR_GO}; echo made > out.txt"


@pytest.fixture(autouse=True)
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    require_kubernetes()
    monkeypatch.setenv(CONNECTION, connection())
    monkeypatch.setenv(ENGINE_VARIABLE, "kubernetes")


@pytest.fixture
def folder() -> Iterator[Path]:
    with shared_folder() as made:
        yield made


@pytest.fixture(autouse=True)
def ids_of_its_own(catalogue: Catalogue) -> None:
    """Give executions ids of this test's own: the cluster may be shared."""
    with catalogue.database.engine.begin() as connection:
        first = 2**40 + secrets.randbits(40)
        table = JobExecution.__tablename__
        connection.execute(
            sqlalchemy.text(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {first}")
        )


@pytest.fixture
def pods_bench(catalogue: Catalogue, folder: Path) -> Bench:
    """Return a bench in a folder that the nodes see."""
    return Bench.over(World.over(catalogue, folder))


def queue(bench: Bench, script: str, **settings: object) -> int:
    """Queue a job that runs a shell script in the tiny image, and may make ``out``."""
    takes = interface(
        {"note": "property"},
        {"out": "file"},
        optional=["note", "out"],
        command="sh",
        arguments="-c ${note}",
    )
    image = {"uses_docker": True, "docker_image": TINY}
    bench.world.configure([job_type("pod", takes, **{"timeout": 600, **image, **settings})])
    return bench.world.queue_job("pod", {"note": script}).id


def outputs_of(bench: Bench, job_id: int) -> Path:
    """Return the output directory of the last execution of a job."""
    execution = bench.world.executions(job_id)[-1]
    return WorkDirectory.of(bench.executions, execution.id).outputs


def errors_of(bench: Bench, job_id: int) -> list[str | None]:
    """Return the names of the errors of the executions of a job, oldest first."""
    with bench.world.database.transaction() as tx:
        return [
            None if each.error_id is None else tx.errors.get(each.error_id).name
            for each in bench.world.executions(job_id)
        ]


def node_of(catalogue: Catalogue, job_id: int) -> str | None:
    """Return the node of the last execution of a job."""
    with catalogue.database.reading() as connection:
        return connection.execute(
            select(Node.hostname)
            .join(JobExecution, JobExecution.node_id == Node.id)
            .where(JobExecution.job_id == job_id)
            .order_by(JobExecution.id.desc())
            .limit(1)
        ).scalar()


def cluster_nodes() -> dict[str, float]:
    """Return the memory that pods may have on each node, in MiB."""
    found = {}
    for node in core().list_node().items:
        memory = node.status.allocatable["memory"]
        assert memory.endswith("Ki"), memory
        found[node.metadata.name] = int(memory.removesuffix("Ki")) / 1024
    return found


@pytest.fixture
def example_image() -> str:
    """Return the image of the example: the cluster runs it on the local engine."""
    require_docker()
    return IMAGE


async def test_a_complete_scene_ends_as_published_products(
    catalogue: Catalogue, folder: Path, example_image: str
) -> None:
    load_example(catalogue, folder, docker_configuration(configuration(), example_image))
    truth = arrive_scene(catalogue, folder / "scenes")
    executions = folder / "executions"
    runner = JobRunner(catalogue.executions, executions)

    (conf,) = outbox(catalogue)
    assert await runner.run(conf["jobs"]["make_geotiff"]), details(catalogue)
    assert await runner.run(conf["jobs"]["detect_points"]), details(catalogue)

    products = files(catalogue, FileKind.PRODUCT)
    assert [each.media_type for each in products] == ["image/tiff", "application/vnd.geo+json"]
    with catalogue.database.transaction() as tx:
        workspace = tx.workspaces.named("products")
    root = Path(workspace.json_config["broker"]["host_path"])
    found = json.loads((root / products[1].file_path).read_text())
    assert len(found["features"]) == len(truth)
    assert not list(executions.iterdir())
    assert await KubernetesRuntime().leftovers(executions) == frozenset()


async def test_another_runner_takes_the_pod_over_and_publishes_once(
    catalogue: Catalogue, pods_bench: Bench
) -> None:
    job_id = queue(pods_bench, f"{MAKE}; echo ARTIFACT:out:out.txt")
    first = asyncio.create_task(pods_bench.runner().run(job_id))
    await async_until((outputs_of(pods_bench, job_id) / "begun").exists)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert pods_bench.world.job(job_id).status is JobStatus.RUNNING

    second = asyncio.create_task(pods_bench.runner().run(job_id))
    (outputs_of(pods_bench, job_id) / "go").touch()

    assert await second, details(catalogue)
    (execution,) = pods_bench.world.executions(job_id)
    assert execution.stdout == "begun\nARTIFACT:out:out.txt\n"
    assert [each.file_name for each in pods_bench.world.products()] == ["out.txt"]


async def test_a_cancelled_job_leaves_no_pod(catalogue: Catalogue, pods_bench: Bench) -> None:
    job_id = queue(pods_bench, MAKE)
    running = asyncio.create_task(pods_bench.runner().run(job_id))
    await async_until((outputs_of(pods_bench, job_id) / "begun").exists)
    execution = pods_bench.world.executions(job_id)[-1]

    catalogue.executions.cancel(job_id, "No longer wanted.")

    assert not await running
    assert pods_bench.world.job(job_id).status is JobStatus.CANCELED
    assert pods_called(f"airscale-exe-{execution.id}") == []


async def test_a_job_beyond_its_timeout_leaves_no_pod(
    catalogue: Catalogue, pods_bench: Bench
) -> None:
    job_id = queue(pods_bench, "exec sleep 600", timeout=3, max_tries=1)

    assert not await pods_bench.runner().run(job_id)

    assert "ran longer than its timeout of 3 s" in str(details(catalogue)[0])
    (execution,) = pods_bench.world.executions(job_id)
    assert pods_called(f"airscale-exe-{execution.id}") == []


async def test_the_node_of_an_execution_and_what_nodes_have_are_known(
    catalogue: Catalogue, pods_bench: Bench
) -> None:
    job_id = queue(pods_bench, MAKE)
    running = asyncio.create_task(pods_bench.runner().run(job_id))
    has = await asyncio.to_thread(cluster_nodes)
    await async_until(lambda: node_of(catalogue, job_id) in has)
    await async_until(lambda: set(has) <= told_nodes(catalogue).keys())
    (outputs_of(pods_bench, job_id) / "go").touch()

    assert await running
    assert node_of(catalogue, job_id) in has
    told = told_nodes(catalogue)
    assert {name: told[name] for name in has} == pytest.approx(has)
    assert 0 < told[CLUSTER] <= sum(has.values())


async def test_a_job_on_claimed_volumes_reads_its_input_and_its_product_is_published(
    catalogue: Catalogue, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the claim leads to the files: the nodes have them under another path."""
    (folder / "claimed").mkdir()
    (folder / "seen-here").symlink_to(folder / "claimed")
    bench = Bench.over(World.over(catalogue, folder / "seen-here"))
    job_id = queue_copy(bench, bench.world.source("a.txt", b"claimed"))
    with claim_of(folder / "claimed") as claim:
        volumes = {str(folder / "seen-here"): {"persistentVolumeClaim": {"claimName": claim}}}
        monkeypatch.setenv(VOLUMES_VARIABLE, json.dumps(volumes))
        running = asyncio.create_task(bench.runner().run(job_id))
        await async_until((outputs_of(bench, job_id) / "begun").exists)
        (pod,) = pods_called(f"airscale-exe-{bench.world.executions(job_id)[0].id}")
        (outputs_of(bench, job_id) / "go").touch()

        assert await running, details(catalogue)

    (product,) = bench.world.products()
    assert (folder / "claimed/products" / product.file_path).read_bytes() == b"claimed"
    (volume,) = pod.spec.volumes
    assert volume.persistent_volume_claim.claim_name == claim
    by_path = {each.mount_path: each.sub_path for each in pod.spec.containers[0].volume_mounts}
    assert by_path["/airscale/inputs/scene/a.txt"] == "raw/in/a.txt"


async def test_an_evicted_job_is_lost_and_tried_once_more(
    catalogue: Catalogue, pods_bench: Bench
) -> None:
    job_id = queue(pods_bench, f"{MAKE}; echo ARTIFACT:out:out.txt", max_tries=2)
    running = asyncio.create_task(pods_bench.runner().run(job_id))
    await async_until((outputs_of(pods_bench, job_id) / "begun").exists)

    evict(f"airscale-exe-{pods_bench.world.executions(job_id)[0].id}")
    await async_until(lambda: len(pods_bench.world.executions(job_id)) == 2)
    await async_until((outputs_of(pods_bench, job_id) / "begun").exists)
    (outputs_of(pods_bench, job_id) / "go").touch()

    assert await running, details(catalogue)
    assert errors_of(pods_bench, job_id) == ["node-lost", None]
    assert [each.file_name for each in pods_bench.world.products()] == ["out.txt"]


async def test_a_job_that_its_node_evicts_is_lost_with_the_reason_and_tried_once_more(
    catalogue: Catalogue, pods_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first pod has a volume that may hold 1 MiB, and writes 8: its node ends it."""
    template = pods_bench.folder / "pod.yaml"
    template.write_text(
        "spec:\n"
        "  containers: [{name: base, volumeMounts: [{name: scratch, mountPath: /scratch}]}]\n"
        "  volumes: [{name: scratch, emptyDir: {sizeLimit: 1Mi}}]\n"
    )
    monkeypatch.setenv(TEMPLATE_VARIABLE, str(template))
    fill = "dd if=/dev/zero of=/scratch/all bs=1M count=8; touch begun; sleep 600"
    make = "echo made > out.txt; echo ARTIFACT:out:out.txt"
    job_id = queue(pods_bench, f"if [ -d /scratch ]; then {fill}; fi; {make}", max_tries=2)
    running = asyncio.create_task(pods_bench.runner().run(job_id))
    await async_until((outputs_of(pods_bench, job_id) / "begun").exists)
    monkeypatch.delenv(TEMPLATE_VARIABLE)

    assert await running, details(catalogue)

    assert errors_of(pods_bench, job_id) == ["node-lost", None]
    assert "was evicted from node" in str(details(catalogue))
    assert "scratch" in str(details(catalogue))
    assert [each.file_name for each in pods_bench.world.products()] == ["out.txt"]


def queue_copy(bench: Bench, scene: FileRecord) -> int:
    """Queue a job that copies its input to its output in the tiny image, when it is let go."""
    takes = interface(
        {"scene": "file", "note": "property"},
        {"out": "file"},
        command="sh",
        arguments="-c ${note} ${scene}",
    )
    settings = {"timeout": 600, "uses_docker": True, "docker_image": TINY}
    bench.world.configure([job_type("copy", takes, **settings)])
    script = f'touch begun; {WAIT_FOR_GO}; cp "$0" out.txt; echo ARTIFACT:out:out.txt'
    return bench.world.queue_job("copy", {"scene": scene, "note": script}).id


def told_nodes(catalogue: Catalogue) -> dict[str, float]:
    """Return the memory of the nodes of the catalogue that have told of it."""
    with catalogue.database.reading() as connection:
        rows = connection.execute(select(Node.hostname, func.coalesce(Node.mem_total, 0.0)))
        return {hostname: memory for hostname, memory in rows if memory > 0}
