"""siplens.toml: each key has one reader, and each mistake one sentence with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from siplens.errors import ConfigurationError
from siplens.settings import Settings, find_settings

FILE = Path("siplens.toml")
TEXT = """\
[rules.EDL002]
max_delay_ms = 800

[jobs.nightly]
ingest = ["captures", "logs/*.txt"]
at = "06:00"
"""


def test_a_table_gives_its_keys_with_their_types() -> None:
    job = Settings(FILE, TEXT).named("jobs", "nightly")
    assert job.texts("ingest") == ["captures", "logs/*.txt"]
    assert job.take("at", str) == "06:00"
    assert job.take("keep_days", int, 90) == 90
    job.done()
    assert Settings(FILE, TEXT).names("jobs") == ["nightly"]
    assert Settings(FILE, TEXT).table("rules", "EDL002").values == {"max_delay_ms": 800}


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("[job.nightly]\n", "siplens.toml:1: [job] is not known", "did you mean jobs?"),
        ("[jobs.nightly]\nat = 6\n", "siplens.toml:2: [jobs.nightly] at: 6 is not a text in quotes", None),
        ("[jobs.nightly]\n\nat = '6'\nat_ = 'UTC'\n", "siplens.toml:4: [jobs.nightly] at_: is not known here", "did you mean at?"),
        ("[jobs.nightly]\n", "siplens.toml:1: [jobs.nightly] at: is missing; a text in quotes was expected", None),
        ("\n[jobs.nightly]\nat = \n", "siplens.toml:3: not TOML: Invalid value (at line 3, column 6)", "texts stand in double quotes"),
        ("[jobs]\nmonthly = {at = '1'}\n", "siplens.toml: there is no [jobs.nightly]", "siplens.toml has monthly"),
        ("[jobs]\nnightli = {at = '1'}\n", "siplens.toml: there is no [jobs.nightly]", "did you mean nightli?"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(text: str, sentence: str, hint: str | None) -> None:
    with pytest.raises(ConfigurationError) as raised:
        _read_at(Settings(FILE, text))
    assert raised.value.message == sentence
    assert raised.value.hint == hint


def _read_at(settings: Settings) -> None:
    job = settings.named("jobs", "nightly")
    job.take("at", str)
    job.done()


def test_a_key_of_an_inline_table_has_its_line() -> None:
    table = Settings(FILE, "[jobs]\nnightly = {at = '1', zone = 'x'}\n").named("jobs", "nightly")
    assert table.fault("zone", "no such zone").message == "siplens.toml:2: [jobs.nightly] zone: no such zone"


def test_no_file_is_no_settings_but_a_named_one_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIPLENS_CONFIG", raising=False)
    assert find_settings().names("jobs") == []
    with pytest.raises(ConfigurationError, match=r"other\.toml: cannot be read: No such file"):
        find_settings(tmp_path / "other.toml")
    (tmp_path / "siplens.toml").write_text(TEXT)
    assert find_settings().names("jobs") == ["nightly"]
