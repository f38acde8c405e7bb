"""Rows on a terminal: a table where it fits, paragraphs where its columns would fold into letters."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")


def on_terminal(width: int, *words: str) -> str:
    """What a command writes to a terminal of that width, without its colours."""
    ours, theirs = os.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", "from siplens.cli.app import main; main()", *words]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environment) as running:
        os.close(theirs)
        written = b""
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:  # Linux says so where the other end is closed
            pass
        assert running.wait() == 0
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", written.decode().replace("\r\n", "\n"))


@pytest.mark.parametrize("command", ["calls", "peers"])
def test_no_word_is_cut_on_eighty_columns(command: str, forked_database: Path) -> None:
    text = on_terminal(80, command, "--db", str(forked_database))
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    assert {"gw1.contoso.example", "early"} <= set(re.split(r"[\s_]+", text))
    assert "─" not in text


def test_a_wide_terminal_and_a_narrow_table_have_columns(forked_database: Path) -> None:
    assert "─" in on_terminal(240, "calls", "--db", str(forked_database))
    assert "─" in on_terminal(60, "sql", "select call_no, outcome from call", "--db", str(forked_database))
