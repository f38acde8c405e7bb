"""Rules of one's own: made, tested, found through siplens.toml; and the catalogue of the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from siplens.cli.app import main
from siplens.errors import ConfigurationError, RuleError
from siplens.report.rules import catalogue_markdown
from siplens.rules import load_own_rules, load_rules
from siplens.rules.fixture import KINDS, expected, fill, judge_fixture
from siplens.rules.scaffold import new_rule
from siplens.settings import Settings
from siplens.store import Store

CHECKOUT = Path(__file__).parents[2]


def test_a_new_rule_runs_and_its_fixtures_hold(tmp_path: Path, tables: Store) -> None:
    path = new_rule(tmp_path, "calls too long", [])[0]
    assert path.name == "OWN001_calls_too_long.sql"
    (rule,) = [rule for rule in load_rules([tmp_path]) if rule.path == path]
    for kind in KINDS:
        fixture = tmp_path / "tests" / "OWN001" / f"{kind}.yaml"
        assert judge_fixture(tables, rule, fixture) == expected(fixture)


def test_ids_are_given_in_order_and_never_twice(tmp_path: Path) -> None:
    new_rule(tmp_path, "one", [])
    rules = load_rules([tmp_path])
    assert new_rule(tmp_path, "two", rules)[0].name == "OWN002_two.sql"
    with pytest.raises(RuleError, match="rule EDL001 exists already"):
        new_rule(tmp_path, "EDL001_mine", rules)
    with pytest.raises(RuleError, match="is no name for a rule"):
        new_rule(tmp_path, "../x", rules)


def test_the_command_line_makes_tests_and_lists_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["rules", "new", "calls_too_long"]) == 0
    (tmp_path / "siplens.toml").write_text('rule_folders = ["rules"]\n[rules.OWN001]\nlongest_s = 3600\n', encoding="utf-8")
    assert main(["rules", "test"]) == 0
    assert main(["rules", "list", "--format", "csv"]) == 0
    assert "OWN001" in capfd.readouterr().out
    (tmp_path / "siplens.toml").write_text('rule_folders = ["rules"]\n[rules.OWN001]\nlongest_s = 3601\n', encoding="utf-8")
    assert main(["rules", "test"]) == 1
    assert "OWN001 fires: expected 1, fail, it lasted 3601 s" in capfd.readouterr().err


def test_siplens_toml_sets_parameters_and_names_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "siplens.toml"
    rules = load_own_rules(settings=Settings(path, "[rules.EDL002]\nmax_delay_ms = 800\n"))
    assert next(rule for rule in rules if rule.id == "EDL002").params["max_delay_ms"] == 800
    with pytest.raises(RuleError, match="rule EDL002 has no parameter max_delay"):
        load_own_rules(settings=Settings(path, "[rules.EDL002]\nmax_delay = 800\n"))
    with pytest.raises(RuleError, match="settings for rule EDL902: there is no such rule"):
        load_own_rules(settings=Settings(path, "[rules.EDL902]\nmax_delay = 800\n"))
    with pytest.raises(ConfigurationError, match="rule_folders must be a list of folders"):
        load_own_rules(settings=Settings(path, "rule_folders = [1]\n"))


def test_a_fixture_that_no_table_takes_is_named(tables: Store, tmp_path: Path) -> None:
    fixture = tmp_path / "fires.yaml"
    fixture.write_text("call:\n  - {call_nr: 1}\n", encoding="utf-8")
    with pytest.raises(RuleError, match=r"fires\.yaml: call: \{'call_nr': 1\}"):
        fill(tables, fixture)


def test_the_catalogue_is_current() -> None:
    page = (CHECKOUT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == catalogue_markdown(load_rules()), "run: siplens docs rules -o docs/rules.md"
    assert "(docs/rules.md)" in (CHECKOUT / "README.md").read_text(encoding="utf-8")
