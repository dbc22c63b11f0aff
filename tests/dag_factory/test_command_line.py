"""The command line of a job: values arrive whole, and no shell sees them."""

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dag_factory.command_line import command_line
from dag_factory.failures import JobFailure
from schemas.job_interface import JobInterface
from tests.support.catalogues import interface

values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
tricky = st.text("ab \t\n'\"\\$`;|&<>(){}[]*?!#~%${x}é", max_size=30)
any_value = values | tricky


def arguments(text: str, given_values: Mapping[str, str], *inputs: str) -> list[str]:
    """Return the arguments that a text gives for some of these inputs."""
    document = interface(dict.fromkeys(inputs, "property"), optional=inputs, arguments=text)
    return command_line(JobInterface.parse(document), given_values)[1:]


@given(value=any_value)
def test_a_value_arrives_whole_as_one_argument(value: str) -> None:
    assert arguments("before ${x} after", {"x": value}, "x") == ["before", value, "after"]


@given(value=any_value)
def test_a_value_arrives_whole_inside_quotes(value: str) -> None:
    assert arguments("\"a ${x}\" 'b ${x}'", {"x": value}, "x") == [f"a {value}", f"b {value}"]


@given(value=any_value)
def test_a_flag_with_a_space_is_an_argument_of_its_own(value: str) -> None:
    assert arguments("${-f :x}", {"x": value}, "x") == ["-f", value]


@given(value=any_value)
def test_a_flag_without_a_space_is_joined_to_the_value(value: str) -> None:
    assert arguments("${--f=:x}", {"x": value}, "x") == [f"--f={value}"]


@given(one=any_value, two=any_value)
def test_a_value_is_never_read_again(one: str, two: str) -> None:
    text = "${x} ${y}${x}"
    for first in (one, "${y}", "${-f :y}"):
        assert arguments(text, {"x": first, "y": two}, "x", "y") == [first, two + first]


@given(present=st.dictionaries(st.sampled_from("abcd"), any_value))
def test_an_input_that_was_not_supplied_vanishes_with_its_flag(present: dict[str, str]) -> None:
    text = "${a} ${-b :b} ${--c=:c} x${d}"
    expected = [
        *([present["a"]] if "a" in present else []),
        *(["-b", present["b"]] if "b" in present else []),
        *([f"--c={present['c']}"] if "c" in present else []),
        f"x{present.get('d', '')}",
    ]
    assert arguments(text, present, *"abcd") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("-a  b\tc", ["-a", "b", "c"]),
        ("'one word' \"another one\"", ["one word", "another one"]),
        (r"with\ space", ["with space"]),
        ("$HOME `id` $(id) ; rm * > x", ["$HOME", "`id`", "$(id)", ";", "rm", "*", ">", "x"]),
        ("${-t a:b:x}", ["-t", "a:bX"]),
        ("${-f{:x}", ["-f{X"]),
        ("# no comment", ["#", "no", "comment"]),
    ],
)
def test_the_text_is_split_into_words_and_nothing_else(text: str, expected: list[str]) -> None:
    assert arguments(text, {"x": "X"}, "x") == expected


def test_nothing_is_substituted_in_the_command() -> None:
    document = interface({"x": "property"}, command="run '${x}' -v", arguments="${x}")
    assert command_line(JobInterface.parse(document), {"x": "X"}) == ["run", "${x}", "-v", "X"]


@pytest.mark.parametrize(
    ("command", "text", "words"),
    [
        ("run", "'never closed", "cannot be split into words"),
        ('run "', "", "cannot be split into words"),
        ("", "a", "The command is empty"),
    ],
)
def test_an_interface_that_gives_no_command_line_fails_the_job(
    command: str, text: str, words: str
) -> None:
    parsed = JobInterface.parse(interface(command=command, arguments=text))
    with pytest.raises(JobFailure, match=words) as caught:
        command_line(parsed, {})
    assert caught.value.error_name == "launch"


def test_a_program_receives_exactly_the_values() -> None:
    given_values = {
        "spaces": "  a  b  ",
        "quotes": "'\"`",
        "shell": "$(touch /tmp/never) ${x} $HOME; true && false | cat > /dev/null",
        "newlines": "a\nb\r\n\n",
        "backslashes": "\\ \\\\ \\n",
        "unicode": "é ☃ \u202e",
        "empty": "",
        "dash": "--help",
    }
    text = " ".join(f"${{{name}}}" for name in given_values)
    words = arguments(text, given_values, *given_values)
    program = [sys.executable, "-c", "import json, sys; print(json.dumps(sys.argv[1:]))"]
    done = subprocess.run([*program, *words], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == list(given_values.values())
