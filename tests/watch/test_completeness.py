"""A file is complete when a newer one of its ring is there, or when it has looked the same for the settle time."""

from __future__ import annotations

from pathlib import Path

import pytest

from siplens.watch.completeness import Completeness, FileState, list_files, series


class Folder:
    """Files with the size and time that a test gives them, looked at with a clock that the test turns."""

    def __init__(self, settle_s: float) -> None:
        self.now = 0.0
        self.files: dict[str, FileState] = {}
        self.completeness = Completeness(settle_s, quiet_s=1, clock=lambda: self.now)

    def write(self, name: str, size: int, written: int) -> None:
        self.files[name] = FileState(Path(name), size, written, 0)

    def look(self, at: float) -> list[str]:
        self.now = at
        return [state.path.name for state in self.completeness.complete(list(self.files.values()))]


def test_a_ring_file_is_complete_when_the_next_one_is_there() -> None:
    folder = Folder(settle_s=60)
    folder.write("trunk_00001_20260302100000.pcapng", 500, written=10)
    assert folder.look(at=0) == []
    folder.write("trunk_00001_20260302100000.pcapng", 900, written=20)
    folder.write("trunk_00002_20260302101000.pcapng", 100, written=21)
    assert folder.look(at=1) == []  # it has grown since: somebody may still be copying it
    assert folder.look(at=2) == ["trunk_00001_20260302100000.pcapng"]


def test_the_last_file_is_complete_when_it_has_settled() -> None:
    folder = Folder(settle_s=60)
    folder.write("trunk_00002_20260302101000.pcapng", 100, written=21)
    assert [folder.look(at=at) for at in (0, 59, 60)] == [[], [], ["trunk_00002_20260302101000.pcapng"]]


def test_a_copy_that_grows_slowly_is_waited_for() -> None:
    folder = Folder(settle_s=10)
    for at in range(0, 100, 9):
        folder.write("big.pcap", 100 + at, written=at)
        assert folder.look(at) == []
    assert folder.look(at=99 + 9) == []
    assert folder.look(at=99 + 10) == ["big.pcap"]


def test_a_copy_with_its_full_size_from_the_start_is_waited_for() -> None:
    """Windows reserves the size first and sets the time of writing last."""
    folder = Folder(settle_s=10)
    folder.write("big.pcap", 100, written=1)
    assert [folder.look(at=0), folder.look(at=9)] == [[], []]
    folder.write("big.pcap", 100, written=5)
    assert [folder.look(at=11), folder.look(at=20), folder.look(at=21)] == [[], [], ["big.pcap"]]


def test_after_a_restart_a_file_is_looked_at_twice_before_it_is_believed() -> None:
    folder = Folder(settle_s=10)
    folder.write("old.pcap", 100, written=1)
    assert folder.look(at=1_000_000) == []


def test_the_oldest_is_read_first() -> None:
    folder = Folder(settle_s=60)
    for number, written in ((1, 30), (2, 10), (3, 20), (4, 40)):
        folder.write(f"ring.pcap{number}", 100, written)
    folder.look(at=0)
    assert folder.look(at=1) == ["ring.pcap2", "ring.pcap3", "ring.pcap1"]  # tcpdump -W goes round: 4 is being written


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("trunk_00002_20260302101000.pcapng", "trunk_00001_20260302100000.pcapng"),  # dumpcap -b
        ("trunk_20260302101000_00002.pcapng", "trunk_20260302100000_00001.pcapng"),  # dumpcap -b nametimenum:2
        ("trunk.pcap1", "trunk.pcap"),  # tcpdump -C
        ("trunk.pcap03", "trunk.pcap02"),  # tcpdump -C -W
        ("trunk-2026-03-02_10:10:00.pcap", "trunk-2026-03-02_10:00:00.pcap"),  # tcpdump -G with a pattern
        ("mediation.log", "mediation.log.1"),  # rolled by renaming: the bare name is being written
        ("mediation-2026-03-03.log", "mediation-2026-03-02.log"),
    ],
)
def test_what_belongs_to_one_series(newer: str, older: str) -> None:
    folder = Folder(settle_s=60)
    folder.write(older, 100, written=1)
    folder.write(newer, 100, written=2)
    folder.look(at=0)
    assert folder.look(at=1) == [older]


@pytest.mark.parametrize(
    "names", [("srv1.log", "srv2.log"), ("a.pcap", "b.pcap"), ("x_00001_20260302100000.pcap", "y_00002_20260302101000.pcap")]
)
def test_what_does_not(names: tuple[str, str]) -> None:
    assert series(Path(names[0])) is None or series(Path(names[0])) != series(Path(names[1]))


def test_what_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("one.pcap", "deep/two.pcap", ".hidden", "three.pcap.part", "four.tmp"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty.pcap").touch()
    assert sorted(state.path.name for state in list_files([tmp_path, tmp_path / "missing"])) == ["one.pcap", "two.pcap"]
