"""Which directories the programs on a search path need."""

from pathlib import Path

from dag_factory.runtimes.installations import installations


def test_a_directory_of_programs_is_needed_itself(tmp_path: Path) -> None:
    assert list(installations([tmp_path / "bin"])) == [tmp_path / "bin"]


def test_an_environment_is_needed_whole(tmp_path: Path) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    (tmp_path / "conda" / "conda-meta").mkdir(parents=True)
    found = set(installations([tmp_path / "venv" / "bin", tmp_path / "conda" / "bin"]))
    assert {tmp_path / "venv", tmp_path / "conda"} <= found


def test_of_an_installation_that_an_interpreter_leads_to_the_parts_are_needed(
    tmp_path: Path,
) -> None:
    prefix = tmp_path / "python-3.11"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python3.11").touch()
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "python").symlink_to(prefix / "bin" / "python3.11")
    found = set(installations([tmp_path / "links"]))
    assert {tmp_path / "links", prefix / "bin", prefix / "lib"} <= found
    assert not {prefix, tmp_path} & found


def test_the_home_above_a_directory_of_programs_is_not_needed(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tool").touch()
    assert tmp_path not in set(installations([tmp_path / "bin"]))


def test_neither_the_root_nor_a_relative_directory_is_needed() -> None:
    assert list(installations([Path("/"), Path("bin"), Path()])) == []


def test_an_interpreter_whose_link_leads_nowhere_needs_nothing(tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to(tmp_path / "gone" / "bin" / "python3")
    (tmp_path / "python").symlink_to(tmp_path / "python")
    assert list(installations([tmp_path])) == [tmp_path]
