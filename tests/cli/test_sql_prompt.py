"""The prompt of `siplens sql`, driven through a pipe as if typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from siplens.cli.choices import Format
from siplens.cli.sql_prompt import ask, completer, is_whole


@pytest.fixture
def typed(forked_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def type_in(text: str) -> tuple[str, str]:
        with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
            keyboard.send_text(text)
            ask([forked_database], Format.csv)
        return capsys.readouterr()

    return type_in


def test_a_statement_over_two_lines(typed) -> None:
    out, err = typed("select count(*) as calls\rfrom call;\r.quit\r")
    assert out == "calls\n4\n"
    assert "1 row" in err


def test_commands_and_the_cookbook(typed) -> None:
    out, _ = typed(".format json\r@early_dialog_endings\r.format csv\r.schema call_leg\rquit\r")
    assert '"ordinal": 1' in out
    assert "leg_id,BIGINT" in out


def test_words_of_other_prompts_are_understood(typed, forked_database: Path) -> None:
    out, err = typed("help\r\\d call_leg\rselect 7 as x;\r\\q\r")
    assert out.startswith("SELECT …;")
    assert "leg_id,BIGINT" in out
    assert out.endswith("x\n7\n")
    assert f"{forked_database}, read-only" in " ".join(err.split())


def test_an_error_is_said_and_the_prompt_goes_on(typed) -> None:
    out, err = typed("select nope;\r.nothing\r.format xml\r@nope\rselect 7 as x;\r\x04")
    assert out == "x\n7\n"
    for words in ("nope", "there is no command .nothing", ".format xml: not a format", "no query @nope"):
        assert words in err


@pytest.mark.parametrize(
    ("begun", "completed"),
    [("select * from bypass_asses", "bypass_assessment"), ("@caus", "@causes"), (".sch", ".schema"), ("BYPASS_CRIT", "bypass_criterion")],
)
def test_tab_completes_tables_columns_queries_and_commands(begun: str, completed: str) -> None:
    completions = completer(["bypass_assessment", "bypass_criterion", "call_no"]).get_completions(Document(begun), CompleteEvent())
    assert completed in [completion.text for completion in completions]


def test_history_is_kept_for_the_user_alone(typed, tmp_path: Path) -> None:
    typed("select 1 as x;\rquit\r")
    history = tmp_path / "siplens" / "sql_history"
    assert "select 1 as x;" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("text", "whole"), [("select 1", False), ("select 1;", True), (".tables", True), ("@causes", True), ("", True)])
def test_a_semicolon_ends_a_statement(text: str, whole: bool) -> None:
    assert is_whole(text) is whole
