"""Scratch folders are gone when their process is, at the latest when the next one needs such a folder; nobody else's is touched."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from siplens import scratch
from siplens.pipeline.blank import open_writable
from siplens.resources import shipped_folder
from siplens.scratch import remove_left_over, scratch_folder

pytestmark = pytest.mark.skipif(scratch.fcntl is None, reason="folders of dead processes are told by flock(2)")
LIVES = """
import sys
from siplens.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "secret").write_text("a key")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are kept, for this process and those that it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "_swept", set())
    return tmp_path


def test_a_folder_goes_with_the_work_that_needed_it(place: Path) -> None:
    with scratch_folder() as folder:
        assert folder.parent == place
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "more").mkdir()
    assert list(place.iterdir()) == []


def started() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", LIVES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_folders_of_killed_processes_go_and_those_of_living_ones_stay(place: Path) -> None:
    with started() as dead, started() as living:
        folders = [Path(process.stdout.readline().strip()) for process in (dead, living) if process.stdout]
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        assert [(folder / "secret").exists() for folder in folders] == [True, True]
        with scratch_folder() as ours:
            assert sorted(place.iterdir()) == sorted([folders[1], ours])
            remove_left_over(place)
            assert sorted(place.iterdir()) == sorted([folders[1], ours])
        assert living.stdin is not None
        living.stdin.close()
        living.wait()
    assert list(place.iterdir()) == []


def test_what_others_made_stays(place: Path) -> None:
    (place / "siplens-mine").mkdir()
    (place / "siplens-notes.txt").write_text("")
    (outside := place / "elsewhere").mkdir()
    (outside / ".in-use").write_text("")
    (place / "siplens-link").symlink_to(outside)
    (place / "siplens-linked").mkdir()
    (place / "siplens-linked" / ".in-use").symlink_to(outside / ".in-use")
    remove_left_over(place)
    assert len(list(place.iterdir())) == 5
    assert (outside / ".in-use").exists()


def test_an_ingest_that_was_killed_amid_an_archive_leaves_nothing_for_long(place: Path) -> None:
    archive = place / "incident.zip"
    capture = shipped_folder("sample_traces") / "bypassed" / "capture.pcap"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(capture, "trunk.pcap")
    script = """
import os, signal, sys
from siplens.pipeline import ingest
from siplens.store import memory_store
ingest.ingest_file = lambda *told: os.kill(os.getpid(), signal.SIGKILL)
with memory_store() as store:
    list(ingest.ingest_paths(store, sys.argv[1:]))
"""
    done = subprocess.run([sys.executable, "-c", script, str(archive)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(place.rglob("trunk.pcap"))) == 1
    with scratch_folder():
        assert not list(place.rglob("trunk.pcap"))


def test_what_a_killed_process_had_put_aside_beside_its_database_goes_when_that_is_opened_again(tmp_path: Path) -> None:
    with open_writable(tmp_path / "a.duckdb"):
        (aside := tmp_path / "a.duckdb.tmp").mkdir(exist_ok=True)
        (aside / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(bytes(100))
    aside.mkdir(exist_ok=True)
    (aside / "duckdb_temp_storage_DEFAULT-1.tmp").write_bytes(bytes(100))
    with open_writable(tmp_path / "a.duckdb"):
        assert not list(aside.glob("*"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.duckdb"]
