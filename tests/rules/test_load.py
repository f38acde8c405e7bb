"""Rule files are found by their place, and a mistake in one is named with its line and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from siplens.errors import RuleError
from siplens.rules import Severity, load_rules, select_rules

GOOD = '''/*
id = "ABC001"
title = "A rule of our own"
severity = "low"
subject = "call"
meaning = """
What it means,
in two lines."""
[params]
least = 3
*/
select call_no as subject_id, 'pass' as status, '' as reason, [] as evidence from call
'''


def write(folder: Path, text: str = GOOD, name: str = "ABC001_our_own.sql") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_shipped_rules_are_found_by_scan() -> None:
    rules = load_rules()
    assert [rule.id for rule in rules] == sorted(rule.id for rule in rules)
    assert {"BYP001", "BYP002", "EDL001", "EDL002", "EDL003", "DMR001", "DMR002"} <= {rule.id for rule in rules}
    assert {rule.folder for rule in rules if rule.family == "EDL"} == {"early_dialogs"}


def test_a_users_folder_adds_rules(tmp_path: Path) -> None:
    write(tmp_path / "ours")
    write(tmp_path / "tests" / "ABC001", "-- a fixture, not a rule", "fires.sql")
    rule = next(rule for rule in load_rules([tmp_path]) if rule.id == "ABC001")
    assert (rule.severity, rule.status, rule.params) == (Severity.low, "experimental", {"least": 3})
    assert rule.meaning == "What it means, in two lines."
    assert rule.sql == GOOD


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("/*\n", "-- ", ":1: a rule file begins with a comment", "begin the file with /*"),
        ('id = "ABC001"', 'id = "ABC001', ":2: the header is not TOML", "double quotes"),
        ("severity", "severty", ":4: unknown key severty", "did you mean severity?"),
        ('"low"', '"loww"', ":4: severity loww is not one of critical, high, medium, low, info", "did you mean low?"),
        ('subject = "call"\n', "", ":1: the header lacks subject", "every rule has"),
        ('title = "A rule of our own"', 'title = ""', ":3: title must be a text", "title"),
        ('subject = "call"\n', 'subject = "call"\nfix = "one"\n', ":6: fix must be a list of texts", 'fix = ["…", "…"]'),
        ("least = 3", "least = 2026-01-01", ":10: parameter least has a value", "give a number"),
        ("[params]\nleast = 3", "params = 3", ":9: params must be a table", "[params]"),
        ('"ABC001"', '"abc1"', ":2: id abc1 is not capital letters", "EDL002"),
        ('"ABC001"', '"ABC002"', ":2: id ABC002 does not match the file name", 'id = "ABC001"'),
    ],
)
def test_a_bad_header_is_named(tmp_path: Path, old: str, new: str, message: str, hint: str) -> None:
    assert old in GOOD
    write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(RuleError) as caught:
        load_rules([tmp_path])
    assert f"ABC001_our_own.sql{message}" in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_file_named_otherwise_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "mine.sql")
    with pytest.raises(RuleError, match=r"mine\.sql: a rule file is named ID_what_it_finds\.sql"):
        load_rules([tmp_path])


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "ABC001_one.sql")
    write(tmp_path, GOOD, "ABC001_two.sql")
    with pytest.raises(RuleError, match=r"ABC001_two\.sql: id ABC001 is taken by .*ABC001_one\.sql"):
        load_rules([tmp_path])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="there is no such folder of rules"):
        load_rules([tmp_path / "none"])


@pytest.mark.parametrize("name", ["EDL", "edl", "early_dialogs"])
def test_a_family_is_selected_by_letters_or_folder(name: str) -> None:
    assert {rule.id[:3] for rule in select_rules(load_rules(), [name])} == {"EDL"}


def test_rules_are_selected_by_id_in_order_and_once() -> None:
    assert [rule.id for rule in select_rules(load_rules(), ["edl002", "BYP001", "EDL002"])] == ["BYP001", "EDL002"]


def test_an_unknown_name_gets_a_hint() -> None:
    with pytest.raises(RuleError) as caught:
        select_rules(load_rules(), ["EDL02"])
    assert caught.value.message == "there is no rule or family EDL02"
    assert "did you mean EDL0" in (caught.value.hint or "")


def test_deprecated_rules_run_only_when_named(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace('severity = "low"', 'severity = "low"\nstatus = "deprecated"'))
    rules = load_rules([tmp_path])
    assert "ABC001" not in [rule.id for rule in select_rules(rules)]
    assert [rule.id for rule in select_rules(rules, ["ABC"])] == ["ABC001"]


def test_severities_are_ordered_by_weight() -> None:
    assert sorted(Severity) == [Severity.info, Severity.low, Severity.medium, Severity.high, Severity.critical]
    assert Severity.high >= "medium"
    assert f"{Severity.high}" == "high"
