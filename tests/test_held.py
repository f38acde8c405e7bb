"""Files are looked at where the system keeps them only while nobody can cut them off; else they are read, with the same result."""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Thread

import pytest

from siplens import held
from siplens.capture import read_capture
from siplens.capture.files import Blocks
from siplens.held import Held
from siplens.pipeline.growth import fingerprint
from siplens.resources import shipped_folder

CAPTURE = shipped_folder("sample_traces") / "lab_forks" / "capture.pcap"
CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that can be held here; skips where there are no leases."""
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    with Held(path) as one:
        if one.window(0) is None:
            pytest.skip("no leases on this file system")
    return path


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "WINDOW", 1 << 13)


@pytest.mark.usefixtures("small_windows")
def test_windows_are_the_files_bytes_in_order(file: Path) -> None:
    taken = b""
    with Held(file) as one:
        while window := one.window(len(taken)):
            data, first = window
            assert len(data) <= held.WINDOW + len(taken) - first
            taken += data[len(taken) - first :]
    assert taken == CONTENT


def test_a_window_may_end_before_the_file_does(file: Path) -> None:
    with Held(file) as one:
        window = one.window(10, 5000)
        assert window is not None
        assert bytes(window[0]) == CONTENT[:5000]
        assert window[1] == 0
        assert one.window(5000, 5000) is None


def test_whoever_wants_to_write_gets_the_file_as_soon_as_the_next_window_is_asked_for(file: Path) -> None:
    with Held(file) as one:
        assert one.window(0)
        writer = Thread(target=file.write_bytes, args=(b"new",))
        writer.start()
        while one.window(0):  # until the writer has come
            pass
        writer.join()
    assert file.read_bytes() == b"new"


def test_a_file_that_is_open_for_writing_is_not_held(file: Path) -> None:
    with file.open("ab"), Held(file) as one:
        assert one.window(0) is None


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("after", [0, 3])
def test_what_is_not_held_any_more_is_read_on_from_there(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a capture is held, is not, or is let go on the way: the rows and the hash are the same."""
    expected = [(name, rows.to_pylist()) for name, rows in read_capture(CAPTURE)]
    digest = hashlib.sha256(CAPTURE.read_bytes()).hexdigest()
    original, windows = Held.window, 0

    def let_go(self: Held, start: int, end: int | None = None) -> tuple[memoryview, int] | None:
        nonlocal windows
        windows += 1
        return original(self, start, end) if windows <= after else None

    monkeypatch.setattr(Held, "window", let_go)
    assert [(name, rows.to_pylist()) for name, rows in read_capture(CAPTURE)] == expected
    windows = 0
    assert fingerprint(CAPTURE).sha256 == digest


@pytest.mark.usefixtures("small_windows")
def test_blocks_begin_with_what_waits(file: Path) -> None:
    with Blocks(file, size=20_000) as blocks:
        taken, waiting = b"", 0
        while block := blocks.next(waiting):
            buffer, start, end, offset = block
            assert bytes(buffer[start:end]) == CONTENT[offset + start : offset + end]
            assert offset + start == len(taken)
            waiting = 100
            taken += bytes(buffer[start : end - waiting])
    assert len(taken) == 20_000 - 100
