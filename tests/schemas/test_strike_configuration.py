"""Strike configurations and the matching of file names."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.problems import DocumentError
from schemas.strike_configuration import StrikeConfiguration, StrikeRule
from tests.schemas.helpers import UNHURRIED, changed, refusal, seed_example, without

EXAMPLE = seed_example("strike")


def strike(*regexes: str, suffix: str = "_tmp") -> StrikeConfiguration:
    rules = [
        {"filename_regex": regex, "workspace_path": f"path{number}", "workspace_name": "w"}
        for number, regex in enumerate(regexes)
    ]
    return StrikeConfiguration.parse(
        {"mount": "host:/in", "transfer_suffix": suffix, "files_to_ingest": rules}
    )


def test_the_seed_s_example_is_read_with_a_relative_path() -> None:
    assert StrikeConfiguration.parse(EXAMPLE) == StrikeConfiguration(
        mount="host:/my/path",
        transfer_suffix="_tmp",
        rules=(StrikeRule(".*h5", (), "wrksp/path", "rs"),),
    )


@pytest.mark.parametrize("field", ["mount", "transfer_suffix", "files_to_ingest"])
def test_a_missing_field_is_refused(field: str) -> None:
    assert refusal(StrikeConfiguration.parse, without(EXAMPLE, field)) == [
        (f"$.{field}", "this field is required.")
    ]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("mount", "/my/path", "host:/path, an NFS host and an absolute path on it"),
        ("transfer_suffix", "", "the end of a file name, such as _tmp: not empty and without '/'"),
        ("transfer_suffix", "a/b", "the end of a file name"),
        ("files_to_ingest", [], "at least one rule"),
    ],
)
def test_a_wrong_field_is_refused(field: str, value: Any, expected: str) -> None:
    [(path, sentence)] = refusal(StrikeConfiguration.parse, changed(EXAMPLE, field, value))
    assert path == f"$.{field}"
    assert sentence.startswith(f"expected {expected}")


def test_an_expression_that_does_not_compile_is_refused_with_its_position() -> None:
    wrong = changed(EXAMPLE, "files_to_ingest", 0, "filename_regex", "*.txt")
    [(path, sentence)] = refusal(StrikeConfiguration.parse, wrong)
    assert path == "$.files_to_ingest[0].filename_regex"
    assert sentence == (
        '"*.txt" is not a valid regular expression: no argument for repetition operator "*"'
        ' at character 1. It looks like a shell pattern; the expression for it is ".*\\\\.txt".'
    )


def test_a_path_that_leaves_the_workspace_is_refused() -> None:
    wrong = changed(EXAMPLE, "files_to_ingest", 0, "workspace_path", "/a/../../b")
    assert refusal(StrikeConfiguration.parse, wrong) == [
        (
            "$.files_to_ingest[0].workspace_path",
            "\"/a/../../b\" must stay inside the workspace: the part '..' is not allowed.",
        )
    ]


def test_the_problems_of_all_rules_are_told_at_once() -> None:
    rule = {"filename_regex": "(", "workspace_path": "..", "workspace_name": "w"}
    found = refusal(StrikeConfiguration.parse, changed(EXAMPLE, "files_to_ingest", [rule, rule]))
    assert [path for path, _ in found] == [
        "$.files_to_ingest[0].filename_regex",
        "$.files_to_ingest[0].workspace_path",
        "$.files_to_ingest[1].filename_regex",
        "$.files_to_ingest[1].workspace_path",
    ]


def matched(configuration: StrikeConfiguration, name: str) -> str | None:
    rule = configuration.match(name)
    return None if rule is None else rule.workspace_path


def test_the_first_rule_that_matches_wins() -> None:
    configuration = strike("a.*", ".*b", ".*")
    assert [matched(configuration, name) for name in ("ab", "xb", "x")] == [
        "path0",
        "path1",
        "path2",
    ]


def test_a_rule_matches_from_the_start_and_not_to_the_end() -> None:
    configuration = strike("map")
    assert matched(configuration, "map_1.h5") == "path0"
    assert matched(configuration, "my_map") is None


def test_a_rule_can_ask_for_the_end() -> None:
    assert matched(strike(r".*\.h5$"), "a.h5.txt") is None


def test_a_dot_does_not_match_a_line_end() -> None:
    assert matched(strike("a.b"), "a\nb") is None


def test_a_name_with_stray_bytes_can_be_matched() -> None:
    name = b"scan_\xff.h5".decode("utf-8", "surrogateescape")
    assert matched(strike(r"scan_.\.h5"), name) == "path0"


@UNHURRIED
@given(name=st.text())
def test_any_name_can_be_matched(name: str) -> None:
    assert strike("(a|b)*c", r"\d+", "(?s).*").match(name) is not None


@UNHURRIED
@given(name=st.text(st.characters()))
def test_names_with_half_of_a_surrogate_pair_can_be_matched(name: str) -> None:
    assert strike("(?s).*").match(name + "\ud800") is not None


def test_a_rule_that_would_take_for_ever_by_backtracking_comes_to_an_end() -> None:
    assert strike("(a*)*$").match("a" * 250 + "b") is None


def test_a_file_with_the_suffix_is_transferring() -> None:
    configuration = strike("x")
    assert configuration.is_transferring("map_tmp")
    assert not configuration.is_transferring("map_tmp.h5")


def test_the_suffix_is_removed_as_a_suffix() -> None:
    configuration = strike("x")
    assert configuration.final_name("map_tmp") == "map"
    assert configuration.final_name("_tmp_a_tmp_tmp") == "_tmp_a_tmp"
    assert configuration.final_name("map") == "map"


def test_a_name_is_never_empty() -> None:
    assert strike("x").final_name("_tmp") == "_tmp"


@UNHURRIED
@given(
    name=st.text(min_size=1).filter(lambda name: not name.endswith("/")),
    suffix=st.text("._abtmp", min_size=1),
)
def test_a_final_name_gets_its_transfer_name_back_with_the_suffix(name: str, suffix: str) -> None:
    assert strike("x", suffix=suffix).final_name(name + suffix) == name


OWN = {"recursive": True, "stability_seconds": 2.5, "namesakes": "replace", "checksum": True}


def document(**own: object) -> dict[str, object]:
    rule = {"filename_regex": ".*", "data_types": [], "workspace_path": "", "workspace_name": "raw"}
    return {"mount": "host:/in", "transfer_suffix": "_tmp", "files_to_ingest": [rule], **own}


@pytest.mark.parametrize("field", OWN)
def test_what_only_the_newer_version_can_say_makes_a_document_of_that_version(field: str) -> None:
    written = StrikeConfiguration.parse(document(**{field: OWN[field]})).to_json()

    assert written["version"] == "1.1"
    assert written[field] == OWN[field]
    assert StrikeConfiguration.parse(written).to_json() == written


def test_a_document_without_them_stays_what_it_was() -> None:
    written = StrikeConfiguration.parse(document()).to_json()

    assert written["version"] == "1.0"
    assert not written.keys() & OWN.keys()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recursive", 1),
        ("stability_seconds", -1),
        ("stability_seconds", "1"),
        ("namesakes", "all"),
        ("checksum", "sha256"),
    ],
)
def test_what_the_newer_version_does_not_know_is_refused(field: str, value: object) -> None:
    with pytest.raises(DocumentError, match=field):
        StrikeConfiguration.parse(document(**{field: value}))


def test_the_older_version_does_not_know_them() -> None:
    with pytest.raises(DocumentError, match="recursive"):
        StrikeConfiguration.parse(document(version="1.0", recursive=True))
