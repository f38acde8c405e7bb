"""Each file in samples/ is a log of one format, written from public documentation; beside it the rows that it gives.

After a change that is meant, `SIPLENS_GOLDEN=write pytest tests/logs/test_samples.py` writes them anew: read the difference.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from siplens.logs import read_log, recognise
from siplens.logs.formats import find_format

SAMPLES = Path(__file__).parent / "samples"
LOGS = sorted(path for path in SAMPLES.iterdir() if path.suffix != ".csv")
WRITTEN_AT = 1_768_900_000  # 20 January 2026: logs without years take theirs from the file's last change


def shown(place: tuple[Any, Any, Any]) -> str:
    return ":".join(str(part) for part in place if part is not None)


def golden_rows(path: Path) -> list[list[str]]:
    format_name = recognise(path.read_bytes()[:65536])
    assert format_name is not None
    rows: list[list[Any]] = [["kind", "line", "ts", "from", "to", "transport", "text", "problems"]]
    for batch in read_log(path, format_name):
        batch.rows.validate(full=True)
        for row in batch.rows.to_pylist():
            if batch.table == "message":
                ends = [shown((row[f"{end}_ip"], row[f"{end}_port"], row[f"{end}_name"])) for end in ("src", "dst")]
                text = f"{row['start_line']} ({row['body_bytes']} bytes of body)"
                assert (row["dialect"], row["dialect_status"]) == (format_name, find_format(format_name).status)  # type: ignore[union-attr]
                rows.append(["message", row["line"], row["ts"] or "", *ends, row["transport"], text, " / ".join(row["problems"])])
            elif batch.table == "log_event":
                rows.append(["log_event", row["line"], row["ts"] or "", row["level"], row["component"], "", row["text"], ""])
            elif batch.table == "log_reject":
                rows.append(["log_reject", row["line"], "", "", "", "", row["expected"], ""])
            elif batch.table == "capture_health":
                rows.append(["capture_health", "", "", row["check_name"], row["amount"], "", row["detail"], ""])
            elif batch.table == "source":
                rows.append(["source", "", row["first_ts"] or "", row["format"], row["format_status"], "", "", ""])
    return [["" if value is None else str(value) for value in row] for row in rows]


@pytest.mark.parametrize("sample", LOGS, ids=lambda path: path.name)
def test_sample_gives_its_rows(sample: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample, tmp_path))
    os.utime(path, (WRITTEN_AT, WRITTEN_AT))
    rows = golden_rows(path)
    golden = sample.with_suffix(sample.suffix + ".csv")
    if os.environ.get("SIPLENS_GOLDEN") == "write":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        golden.write_text(text.getvalue(), encoding="utf-8")
    with golden.open(encoding="utf-8", newline="") as file:
        assert rows == list(csv.reader(file))


def test_every_format_has_a_sample() -> None:
    from siplens.logs.formats import formats

    covered = {recognise(path.read_bytes()[:65536]) for path in LOGS}
    elsewhere = {"cls", "sipe", "ms-diagnostics"}  # their real files are read in test_real_texts.py and test_cls.py
    assert {format_.name for format_ in formats()} == covered | elsewhere
