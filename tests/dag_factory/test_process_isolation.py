"""Process jobs that are isolated: what they reach of their host, and what they do not."""

import asyncio
import errno
import os
import shutil
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from catalog.records.execution import InputFile
from dag_factory.failures import JobFailure
from dag_factory.runtimes import landlock
from dag_factory.runtimes.capabilities import HARMLESS
from dag_factory.runtimes.process import ProcessRuntime
from dag_factory.runtimes.process_isolation import (
    ISOLATION_VARIABLE,
    PATHS_VARIABLE,
    WRITABLE_VARIABLE,
    lacking,
)
from dag_factory.runtimes.runtime import Found, Invocation
from examples.scenes import generate_scenes, write_scene
from tests.dag_factory.programs import python, until
from tests.support.invocations import input_file, invocation

ROOT = Path(__file__).parents[2]
RUNTIME = ProcessRuntime()
LACKING = lacking()
pytestmark = pytest.mark.skipif(LACKING is not None, reason=f"It cannot be tried: {LACKING}")


@dataclass(frozen=True, slots=True)
class Said:
    """How a job ended, and what it printed."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Site:
    """A host with a workspace, a home and an execution of somebody else."""

    folder: Path

    @property
    def image(self) -> Path:
        """The input of the jobs."""
        return self.folder / "raw" / "image.txt"

    @property
    def neighbour(self) -> Path:
        """A file of the same workspace that is no input."""
        return self.folder / "raw" / "neighbour.txt"

    @property
    def home(self) -> Path:
        """The home of Airscale, with a key in it."""
        return self.folder / "home"

    @property
    def other(self) -> Path:
        """A file that another execution made."""
        return self.folder / "executions" / "exe-1" / "outputs" / "result.txt"

    def job(self, *argv: str) -> Invocation:
        """Return an invocation that has the image as its input and as its last argument."""
        file = input_file(self.image, "pixels")
        made = invocation(self.folder / "executions", *argv)
        RUNTIME.give(made.work, {"image": {file.file_name: file}})
        last = str(RUNTIME.input_path(made.work, "image", file.file_name))
        plan = replace(made.plan, files={"image": (file,)})
        return replace(made, plan=plan, argv=(*argv, last))

    def script(self, text: str) -> Invocation:
        """Return an invocation of a shell script; the input is ``$1``."""
        return self.job("sh", "-c", text, "sh")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return a site whose jobs are isolated."""
    made = Site(tmp_path)
    for path in (made.neighbour, made.home / "keys" / "jwt", made.other):
        path.parent.mkdir(parents=True)
        path.write_text("not yours")
    monkeypatch.setenv("AIRSCALE_HOME", str(made.home))
    monkeypatch.setenv(ISOLATION_VARIABLE, "landlock")
    return made


def given(path: Path) -> InputFile:
    """Return a file that is there as an input."""
    return InputFile(1, path.name, path, "text/plain", path.stat().st_size)


def no_landlock() -> int:
    """Answer as a kernel that was built without Landlock."""
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


def target_of(job: Invocation) -> Path:
    """Return where the link to the input leads."""
    return Path(job.argv[-1]).readlink()


async def run(running: Invocation) -> Said:
    await RUNTIME.start(running)
    end = await RUNTIME.wait(running)
    return Said(end.code, running.work.stdout.read_text(), running.work.stderr.read_text())


async def test_a_job_reads_its_input(site: Site) -> None:
    assert (await run(site.script('cat "$1"'))).stdout == "pixels"


@pytest.mark.parametrize(
    "attempt",
    [
        'echo more >> "$1"',
        ': > "$1"',
        'rm "$(readlink "$1")"',
        'mv "$(readlink "$1")" .',
        'ln "$(readlink "$1")" mine && echo more >> mine',
        'rm "$1"',
        'echo other > "$1.tmp" && mv "$1.tmp" "$1"',
    ],
)
async def test_a_job_cannot_change_its_input(site: Site, attempt: str) -> None:
    job = site.script(attempt)
    assert (await run(job)).code != 0
    assert site.image.read_text() == "pixels"
    assert target_of(job) == site.image


async def test_a_job_cannot_truncate_its_input(site: Site) -> None:
    said = await run(site.job(*python("import os, sys; os.truncate(sys.argv[1], 0)")))
    assert "PermissionError" in said.stderr
    assert site.image.read_text() == "pixels"


async def test_a_job_does_not_see_what_lies_beside_its_input(site: Site) -> None:
    said = await run(site.script(f'cat "{site.neighbour}"; ls "{site.neighbour.parent}"'))
    assert said.stdout == ""
    assert said.stderr.count("Permission denied") == 2


async def test_a_job_does_not_see_another_execution(site: Site) -> None:
    said = await run(site.script(f'cat "{site.other}" || ls "{site.folder}/executions"'))
    assert (said.code != 0, said.stdout) == (True, "")


async def test_a_job_does_not_see_the_keys(site: Site) -> None:
    said = await run(site.script(f'cat "{site.home}/keys/jwt" || ls "{site.home}"'))
    assert (said.code != 0, said.stdout) == (True, "")


async def test_a_job_sees_no_directories_of_users(site: Site) -> None:
    said = await run(site.script(f'ls "{os.environ["HOME"]}"; ls /root; ls /home; ls /tmp'))
    assert (said.code != 0, said.stdout) == (True, "")


async def test_a_job_writes_its_outputs(site: Site) -> None:
    job = site.script("mkdir deep && echo made > deep/out.txt && mv deep/out.txt . && rmdir deep")
    assert (await run(job)).code == 0
    assert (job.work.outputs / "out.txt").read_text() == "made\n"


async def test_a_job_has_a_temporary_directory_that_goes_with_it(site: Site) -> None:
    job = site.script('cd "$TMPDIR" && echo kept > "$(mktemp)" && mv tmp.* "$OLDPWD/out" && pwd')
    assert (await run(job)).stdout == f"{job.work.temporary}\n"
    assert (job.work.outputs / "out").read_text() == "kept\n"
    job.work.remove()
    assert not job.work.temporary.exists()


async def test_the_home_of_a_job_can_be_written(site: Site) -> None:
    said = await run(
        site.script("mkdir ~/.cache && echo warm > ~/.cache/file && cat ~/.cache/file")
    )
    assert said.stdout == "warm\n"


@pytest.mark.parametrize("place", ["..", "/tmp", "/etc", "/dev", "/usr/lib", "/opt"])  # noqa: S108
async def test_a_job_writes_nowhere_else(site: Site, place: str) -> None:
    said = await run(site.script(f'echo > "{place}/airscale-{os.getpid()}"'))
    assert said.code != 0
    assert "Permission denied" in said.stderr


async def test_a_job_cannot_write_how_it_ended(site: Site) -> None:
    job = site.script("echo '{}' > ../exit.json; exit 3")
    assert (await run(job)).code == 3


async def test_a_job_uses_the_devices_that_programs_use(site: Site) -> None:
    script = (
        "echo gone > /dev/null && head -c 3 /dev/zero | wc -c && head -c 3 /dev/urandom | wc -c"
        " && echo shared > /dev/shm/airscale-$$ && cat /dev/shm/airscale-$$"
        " && rm /dev/shm/airscale-$$ && echo out > /dev/stdout && echo error > /dev/stderr"
    )
    said = await run(site.script(f"({script}) | cat && echo error > /dev/stderr"))
    assert said.stdout.split() == ["3", "3", "shared", "out"]
    assert said.stderr == "error\n"


async def test_a_job_makes_no_device(site: Site) -> None:
    said = await run(site.script("mknod disk b 1 0 || mknod memory c 1 1"))
    assert said.code != 0


async def test_what_a_job_starts_is_isolated_too(site: Site) -> None:
    program = (
        "import subprocess, sys\n"
        f"print(subprocess.run(['setsid', 'cat', '{site.neighbour}']).returncode)\n"
        "sys.exit(subprocess.run(['cat', sys.argv[1]]).returncode)"
    )
    said = await run(site.job(*python(program)))
    assert (said.code, said.stdout) == (0, "pixels1\n")
    assert "Permission denied" in said.stderr


async def test_a_job_gains_no_privileges(site: Site) -> None:
    said = await run(site.script("grep NoNewPrivs /proc/self/status"))
    assert said.stdout.split()[-1] == "1"


async def test_a_job_of_root_has_its_power_over_files_only(site: Site) -> None:
    said = await run(site.script("grep -E 'Cap(Inh|Prm|Eff|Amb)' /proc/self/status"))
    held = [int(each, 16) for each in said.stdout.split()[1::2]]
    assert len(held) == 4
    assert not any(each & ~HARMLESS for each in held)
    assert bool(held[1]) == (os.geteuid() == 0)


@pytest.mark.parametrize("look", ["cat {}/environ", "cat {}/maps", "readlink {}/exe", "ls {}/cwd/"])
async def test_a_job_cannot_look_into_processes_outside(
    site: Site, monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    job, other = (site.script(look.format(f"/proc/{os.getpid()}")) for _ in range(2))
    said = await run(job)
    assert (said.code != 0, said.stdout) == (True, "")
    monkeypatch.setenv(ISOLATION_VARIABLE, "off")
    assert (await run(other)).stdout


async def test_a_job_looks_into_its_own_processes(site: Site) -> None:
    said = await run(site.script("cat /proc/$$/environ /proc/self/maps; true"))
    assert f"TMPDIR={site.folder}" in said.stdout


async def test_a_job_signals_its_own_processes_and_no_others(site: Site) -> None:
    if landlock.abi() < landlock.SCOPES_SINCE:
        pytest.skip("This kernel does not keep signals inside.")
    other = await asyncio.create_subprocess_exec("sleep", "600")
    try:
        said = await run(site.script(f'sleep 60 & kill "$!" && wait "$!"; kill {other.pid}'))
        assert (said.code, other.returncode) == (1, None)
    finally:
        other.kill()
        await other.wait()


async def test_a_job_connects_to_no_abstract_socket_outside(site: Site) -> None:
    if landlock.abi() < landlock.SCOPES_SINCE:
        pytest.skip("This kernel does not keep abstract sockets inside.")
    name = f"airscale-{os.getpid()}"
    program = f"import socket; socket.socket(socket.AF_UNIX).connect('\\0{name}')"
    with socket.socket(socket.AF_UNIX) as outside:
        outside.bind(f"\0{name}")
        outside.listen()
        said = await run(site.job(*python(program)))
    assert "PermissionError" in said.stderr


async def test_a_job_is_stopped_as_any_other(site: Site) -> None:
    job = site.script(
        "trap 'echo saved > saved; exit' TERM; echo > begun; while :; do sleep 0.05; done"
    )
    await RUNTIME.start(job)
    await until((job.work.outputs / "begun").exists)
    await RUNTIME.kill(job)
    assert await RUNTIME.find(job) is Found.LOST
    assert (job.work.outputs / "saved").read_text() == "saved\n"


async def test_listed_paths_can_be_read_and_their_programs_run(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = site.folder / "tools" / "tool"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\ncat "$0"; echo > "$0"\n')
    tool.chmod(0o755)
    monkeypatch.setenv(PATHS_VARIABLE, f"{site.neighbour}:{tool.parent}:/not/there")
    said = await run(site.script(f'cat "{site.neighbour}"; {tool}'))
    assert said.stdout.startswith("not yours#!/bin/sh")
    assert "Permission denied" in said.stderr


async def test_what_is_private_stays_so_where_a_directory_above_is_listed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PATHS_VARIABLE, str(site.folder.parent))
    monkeypatch.setenv("AIRSCALE_EXECUTIONS", str(site.folder / "executions"))
    said = await run(
        site.script(f'cat "{site.home}/keys/jwt"; cat "{site.other}" {site.neighbour}')
    )
    assert said.stdout == "not yours"
    assert said.stderr.count("Permission denied") == 2


async def test_listed_writable_paths_can_be_written(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = site.folder / "scratch"
    scratch.mkdir()
    monkeypatch.setenv(WRITABLE_VARIABLE, str(scratch))
    assert (await run(site.script(f"echo seen > {scratch}/file"))).code == 0
    assert (scratch / "file").read_text() == "seen\n"


async def test_a_command_elsewhere_says_how_it_is_listed(site: Site) -> None:
    tool = site.folder / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    with pytest.raises(JobFailure, match=f"Permission denied.* {PATHS_VARIABLE}") as caught:
        await run(site.job(str(tool)))
    assert caught.value.error_name == "launch"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (ISOLATION_VARIABLE, "seccomp", "one of: off, landlock, available"),
        (PATHS_VARIABLE, "/usr:here", "lists 'here'"),
        (WRITABLE_VARIABLE, "../scratch", "beginning with /"),
    ],
)
async def test_a_setting_that_is_wrong_is_a_launch_failure(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(JobFailure, match=sentence) as caught:
        await RUNTIME.start(site.script("true"))
    assert caught.value.error_name == "launch"


async def test_a_job_is_not_started_where_the_kernel_cannot_isolate_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "abi", no_landlock)
    job = site.script("true")
    with pytest.raises(JobFailure, match=r"no Landlock \(Function not implemented") as caught:
        await RUNTIME.start(job)
    assert caught.value.error_name == "launch"
    assert await RUNTIME.find(job) is Found.ABSENT


async def test_a_job_is_not_started_where_it_could_truncate_its_inputs(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "abi", lambda: 2)
    with pytest.raises(JobFailure, match=r"of version 2, .* version 3 \(Linux 6.2\)"):
        await RUNTIME.start(site.script("true"))


@pytest.mark.parametrize("can", [True, False])
async def test_available_isolates_where_the_kernel_can(
    site: Site, monkeypatch: pytest.MonkeyPatch, *, can: bool
) -> None:
    monkeypatch.setenv(ISOLATION_VARIABLE, "available")
    if not can:
        monkeypatch.setattr(landlock, "abi", no_landlock)
    assert ((await run(site.script(f'cat "{site.neighbour}"'))).code == 0) is not can


async def test_a_job_that_is_not_isolated_sees_what_its_user_sees(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ISOLATION_VARIABLE)
    monkeypatch.delenv("TMPDIR", raising=False)
    script = f'cat "{site.neighbour}"; echo "$TMPDIR $HOME"; grep NoNewPrivs /proc/self/status'
    job = site.script(script)
    said = await run(job)
    assert said.stdout == f"not yours {os.environ['HOME']}\nNoNewPrivs:\t0\n"
    assert not job.work.temporary.exists()


async def test_the_environment_of_a_submitter_wins(site: Site) -> None:
    job = replace(site.script('echo "$TMPDIR"'), environment={"TMPDIR": "/elsewhere"})
    assert (await run(job)).stdout == "/elsewhere\n"


async def test_a_script_is_run_by_the_interpreter_on_the_path(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithm = site.folder / "algorithms" / "measure.py"
    algorithm.parent.mkdir()
    algorithm.write_text(
        "#!/usr/bin/env python3\n"
        "import multiprocessing, sqlite3, ssl, sys, tempfile\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool, tempfile.TemporaryFile():\n"
        "    print(sum(pool.map(len, [open(sys.argv[1]).read(), 'ab'])))\n"
    )
    algorithm.chmod(0o755)
    monkeypatch.setenv("AIRSCALE_ALGORITHM_PATH", str(algorithm.parent))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    said = await run(site.job("measure.py"))
    assert (said.stdout, said.stderr) == ("8\n", "")


@pytest.mark.slow
async def test_the_algorithms_of_the_example_work(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRSCALE_ALGORITHM_PATH", str(ROOT / "examples" / "algorithms"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    (scene,) = generate_scenes(1)
    write_scene(site.folder, scene)
    png, csv = (given(next(site.folder.glob(each))) for each in ("*.png", "*.csv"))
    made = invocation(site.folder / "executions", "make_geotiff.py", mem=512.0)
    made = replace(
        made,
        plan=replace(made.plan, files={"image": (png,), "georeference": (csv,)}),
        argv=("make_geotiff.py", str(png.path), str(csv.path), str(made.work.outputs)),
    )
    assert await run(made) == Said(0, made.work.stdout.read_text(), "")
    (tif,) = made.work.outputs.glob("*.tif")
    geotiff = given(Path(shutil.copy(tif, site.image.parent)))
    found = invocation(site.folder / "executions", "detect_points.py", mem=512.0)
    found = replace(
        found,
        plan=replace(found.plan, files={"geotiff": (geotiff,)}),
        argv=("detect_points.py", str(geotiff.path), str(found.work.outputs)),
    )
    assert await run(found) == Said(0, found.work.stdout.read_text(), "")
