"""`siplens waive`, `check --new-only` and `rules history`: what people see of findings from one check to the next."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from siplens.cli.app import main


def printed(capsys: pytest.CaptureFixture[str], *words: str, db: Path) -> list[dict[str, str]]:
    """The rows that a command prints as CSV."""
    capsys.readouterr()
    main([*words, "--format", "csv", "--db", str(db)])
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_a_waiver_lets_the_check_pass_until_it_is_taken_back(own_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = ["--db", str(own_copy)]
    assert main(["check", "EDL002", *database]) == 1
    assert main(["waive", "EDL002", "--reason", "carrier changes it", "--until", "2100-01-01", *database]) == 0
    assert main(["check", "EDL002", *database]) == 0
    (waiver,) = printed(capsys, "waive", "--list", db=own_copy)
    assert waiver["rule_id"] == "EDL002"
    assert waiver["reason"] == "carrier changes it"
    assert main(["waive", "--lift", waiver["waiver_id"], *database]) == 0
    assert main(["check", "EDL002", *database]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["waive", "EDL002", "--reason", " "], "a waiver needs a reason"),
        (["waive", "EDL002", "--reason", "x", "--until", "2001-01-01"], "is over: a waiver ends in the future"),
        (["waive", "99999", "--reason", "x"], "there is no finding 99999"),
        (["waive", "--lift", "7"], "there is no waiver 7 in force"),
        (["waive", "EDL902", "--reason", "x"], "there is no rule or family EDL902"),
    ],
)
def test_a_waiver_that_cannot_be_is_refused(words: list[str], said: str, own_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--db", str(own_copy)]) == 2
    assert said in capsys.readouterr().err


def test_what_was_found_before_is_not_new(own_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "check", "EDL002", db=own_copy)
    assert printed(capsys, "check", "EDL002", "--new-only", db=own_copy) == []
    assert main(["check", "EDL002", "--new-only", "--db", str(own_copy)]) == 0


def test_the_history_tells_by_which_rules_and_configuration(own_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = printed(capsys, "rules", "history", db=own_copy)
    assert main(["check", "EDL002", "--fail-on", "never", "--db", str(own_copy)]) == 0
    after = printed(capsys, "rules", "history", db=own_copy)
    assert len(after) == len(before) + 1
    added = next(run for run in after if run not in before)
    assert added["command"] == "check"
    assert added["rules_version"]
    assert added["configuration"] == before[0]["configuration"] != ""
    assert added["rules_version"] != before[0]["rules_version"], "another set of rules ran"
