"""Cached code is dropped when any of the files it was made from is newer, not only the one with the entry function."""

from __future__ import annotations

import os
from pathlib import Path

from siplens.sip.compiled import drop_stale_code


def test_code_older_than_a_file_it_calls_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    for name, age in (("scan_message.py", 30), ("__pycache__/scan_message.scan-1.py311.nbc", 20), ("scan_text.py", 10)):
        path = tmp_path / name
        path.touch()
        os.utime(path, (1_000_000 - age, 1_000_000 - age))

    assert drop_stale_code(tmp_path) == 1
    assert not list((tmp_path / "__pycache__").iterdir())


def test_code_newer_than_its_files_is_kept(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "scan_text.py").touch()
    os.utime(tmp_path / "scan_text.py", (1_000_000, 1_000_000))
    (tmp_path / "__pycache__" / "scan_text.scan-1.py311.nbi").touch()

    assert drop_stale_code(tmp_path) == 0
