"""What a watch reads, says and remembers."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from siplens.cli.app import main
from siplens.errors import StoreError
from siplens.pipeline.one_file import IngestedFile
from siplens.resources import shipped_folder
from siplens.store import Store, open_store
from siplens.watch import Watcher, WatchOptions, watch

TRACES = shipped_folder("sample_traces")
FORKED = TRACES / "forked_cancelled" / "capture.pcap"
BOTH = TRACES / "capture_and_log"


class Watched:
    """A folder, a database, and the lines that were said. `look` looks until nothing is left to wait for."""

    def __init__(self, base: Path) -> None:
        self.folder = base / "arriving"
        self.folder.mkdir()
        self.options = WatchOptions(db=base / "watched.duckdb", folders=(self.folder,), settle_s=0.05, poll_s=0.02)
        self.lines: list[str] = []

    def look(self) -> list[str]:
        """A new watch each time, as after a restart."""
        before = len(self.lines)
        watch(self.options, self.lines.append, until_idle=True)
        return self.lines[before:]

    def value(self, sql: str) -> object:
        with open_store(self.options.db, write=False) as store:
            return store.value(sql)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_each_file_has_one_line_with_its_calls_and_what_is_newly_wrong(watched: Watched) -> None:
    shutil.copy(FORKED, watched.folder / "trunk.pcap")
    (watched.folder / "README.md").write_text("about these captures\n")
    assert sorted(watched.look()) == [
        "README.md: passed over: not a file that siplens can read",
        "trunk.pcap: pcap, 72 messages, 2 RTP streams; 4 calls (1, 2, 3, 4); 2 new failures: EDL002 call 1, EDL002 call 2",
    ]
    assert watched.look() == [], "a restart reads nothing again and says nothing again"
    (watched.folder / "trunk.pcap").rename(watched.folder / "trunk.pcap.old")
    assert watched.look() == [], "a file that was renamed is known"
    shutil.copy(FORKED, watched.folder / "copy.pcap")
    assert watched.look() == ["copy.pcap: known: the same bytes were read before"]


def test_a_file_that_went_on_growing_is_read_anew_in_place_of_its_first_part(watched: Watched) -> None:
    whole = (BOTH / "server.log").read_bytes()
    log = watched.folder / "server.log"
    log.write_bytes(whole[: len(whole) // 2])
    watched.look()
    assert watched.value("select count(*) from message") == 5
    log.write_bytes(whole)
    [line] = watched.look()
    assert "the whole of it takes the place of what was read then" in line
    assert watched.value("select count(*) from message") == 14
    assert watched.value("select count(*) from source") == 1


def test_a_call_that_spans_files_is_one_call(watched: Watched) -> None:
    from trace_writer_of_samples import halves

    for number, data in enumerate(halves(), 1):
        (watched.folder / f"trunk_{number:05d}_2026031009000{number}.pcap").write_bytes(data)
        watched.look()
    with open_store(watched.options.db, write=False) as store:
        assert store.query("select call_no, legs, outcome, ended_ts is not null, len(sources) from call").rows == [
            (1, 2, "answered", True, 2)
        ]


def test_the_database_is_closed_between_files(watched: Watched) -> None:
    shutil.copy(FORKED, watched.folder / "trunk.pcap")
    watcher = Watcher(watched.options, watched.lines.append)
    while watcher.step():
        time.sleep(0.02)
    with open_store(watched.options.db, write=True) as store:  # DuckDB would refuse a second opener
        assert store.value("select count(*) from watched_file") == 1


def test_while_somebody_else_has_the_database_it_waits(watched: Watched) -> None:
    shutil.copy(FORKED, watched.folder / "trunk.pcap")
    watched.look()
    script = "import sys, time; from siplens.store import open_store; from pathlib import Path\n"
    script += "with open_store(Path(sys.argv[1]), write=True): print('open', flush=True); time.sleep(1.5)"
    shutil.copy(BOTH / "server.log", watched.folder / "server.log")
    with subprocess.Popen([sys.executable, "-c", script, str(watched.options.db)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        lines = watched.look()
    assert "server.log: cls, 14 messages" in lines[-1]


def test_what_is_no_fault_of_the_file_is_tried_again(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens.watch import watcher as module

    def full(*arguments: object, **options: object) -> object:
        raise OSError(28, "No space left on device")

    shutil.copy(FORKED, watched.folder / "trunk.pcap")
    watcher = Watcher(watched.options, watched.lines.append)
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    with monkeypatch.context() as broken:
        broken.setattr(module, "ingest_paths", full)
        for _ in range(8):
            assert watcher.step()
            time.sleep(0.02)
    assert watched.lines[0] == "trunk.pcap: not read, will be tried again: [Errno 28] No space left on device"
    while watcher.step():
        time.sleep(0.02)
    assert watched.lines[-1].startswith("trunk.pcap: pcap, 72 messages")


def captures(watched: Watched, names: str) -> bytes:
    """Captures that differ in the microsecond of their first packet; returns the first of them."""
    content = FORKED.read_bytes()
    for number, name in enumerate(names):
        (watched.folder / f"{name}.pcap").write_bytes(content[:28] + bytes([number]) + content[29:])
    return content


def test_many_files_that_wait_are_read_a_few_at_a_time(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens.watch import watcher as module

    content = captures(watched, "abcdefg")
    (watched.folder / "large.pcap").write_bytes(content[:28] + b"\x07" + content[29:] + bytes(3 * len(content)))
    monkeypatch.setattr(module, "TOGETHER_FILES", 3)
    monkeypatch.setattr(module, "TOGETHER_BYTES", 4 * len(content))
    together: list[int] = []
    whole = module.ingest_paths

    def counted(store: Store, paths: list[str], *rest: object, **more: object) -> object:
        together.append(len(paths))
        return whole(store, paths, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "ingest_paths", counted)
    lines = watched.look()
    assert sorted(together) == [1, 1, 3, 3]
    assert sorted(line.partition(":")[0] for line in lines) == sorted(path.name for path in watched.folder.iterdir())
    assert watched.value("select count(*) from watched_file") == watched.value("select count(*) from source") == 8


@pytest.mark.parametrize("fails_at", ["reading", "saving"])
def test_of_many_files_only_the_one_that_cannot_be_read_waits(watched: Watched, monkeypatch: pytest.MonkeyPatch, fails_at: str) -> None:
    from siplens.watch import watcher as module

    captures(watched, "abcd")
    whole, save, faults = module.ingest_paths, Store.save, []

    def disk_is_full(store: Store, paths: list[str], *rest: object, **more: object) -> Iterator[IngestedFile]:
        reading = iter(whole(store, paths, *rest, **more))  # type: ignore[arg-type]
        for path in paths:
            if fails_at == "reading" and path.endswith("c.pcap"):
                raise OSError(28, "No space left on device")
            yield next(reading)

    def cannot_be_saved(store: Store) -> None:
        if fails_at == "saving" and not faults:
            faults.append(1)
            raise StoreError("what was done cannot be put on disk")
        save(store)

    watcher = Watcher(watched.options, watched.lines.append)
    assert watcher.step(), "nothing is complete at the first look"
    with monkeypatch.context() as broken:
        broken.setattr(module, "ingest_paths", disk_is_full)
        broken.setattr(Store, "save", cannot_be_saved)
        while len(watched.lines) < 4 and watcher.step():
            time.sleep(0.06)
    refused = [line.partition(":")[0] for line in watched.lines if "will be tried again" in line]
    assert refused == (["c.pcap"] if fails_at == "reading" else [])
    watcher._retry_at = dict.fromkeys(watcher._retry_at, 0.0)
    while watcher.step():
        time.sleep(0.02)
    assert watched.value("select count(*) from source") == 4
    assert watched.value("select count(*) from watched_file") == 4
    assert watched.look() == [], "all of it was on disk"


def test_a_file_that_changes_while_it_is_read_is_taken_back(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens.watch import watcher as module

    capture = watched.folder / "trunk.pcap"
    shutil.copy(FORKED, capture)
    whole = module.ingest_paths

    def meanwhile(*arguments: object, **options: object) -> object:
        read = list(whole(*arguments, **options))  # type: ignore[arg-type]
        with capture.open("ab") as file:
            file.write(FORKED.read_bytes()[24:])
        return read

    watcher = Watcher(watched.options, watched.lines.append)
    with monkeypatch.context() as growing:
        growing.setattr(module, "ingest_paths", meanwhile)
        while not watched.lines:
            watcher.step()
            time.sleep(0.02)
    assert watched.lines == ["trunk.pcap: went on growing while it was read; it will be read when it is complete"]
    assert watched.value("select count(*) from source") == 0


def test_a_real_ring_of_dumpcap(watched: Watched) -> None:
    """dumpcap writes the ring from a pipe: no interface, no rights needed. It rounds file sizes as it likes; all messages arrive."""
    dumpcap = shutil.which("dumpcap")
    if not dumpcap:
        pytest.skip("dumpcap is not installed")
    ring = [dumpcap, "-q", "-i", "-", "-b", "packets:40", "-w", str(watched.folder / "trunk.pcapng")]
    done = subprocess.run(ring, input=FORKED.read_bytes(), capture_output=True, timeout=60, check=False)
    if done.returncode:
        pytest.skip(f"dumpcap does not run here: {done.stderr.decode(errors='replace').strip()[-200:]}")
    files = sorted(path.name for path in watched.folder.iterdir())
    assert len(files) > 2
    lines = watched.look()
    assert [line.partition(":")[0] for line in lines] == files
    assert watched.value("select count(*) from message") == 72
    assert watched.value("select count(*) from call") == 4


def test_the_command_reads_what_is_there_and_ends(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(FORKED, watched.folder / "trunk.pcap")
    arguments = ["watch", "--once", "--settle", "0.05", "--poll", "0.05", str(watched.folder), "--db", str(watched.options.db)]
    assert main(arguments) == 0
    [line] = capsys.readouterr().out.splitlines()
    stamp, _, rest = line.partition(" ")
    assert len(stamp) == len("2026-03-10T09:00:00Z")
    assert rest.startswith("trunk.pcap: pcap, 72 messages")
    assert main(["watch", str(FORKED), "--db", str(watched.options.db)]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_a_database_that_is_none_is_said_at_once(watched: Watched) -> None:
    watched.options.db.write_text("not a database")
    with pytest.raises(StoreError, match="is not a siplens database"):
        watched.look()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_to_be_stopped_is_no_failure(watched: Watched, stop: signal.Signals) -> None:
    """As service managers see it."""
    shutil.copy(BOTH / "server.log", watched.folder / "server.log")
    script = "from siplens.cli.start import console_script; console_script()"
    command = [
        sys.executable,
        "-c",
        script,
        "watch",
        str(watched.folder),
        "--settle",
        "0",
        "--poll",
        "0.05",
        "--db",
        str(watched.options.db),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as life:
        assert life.stdout is not None
        assert "server.log: cls, 14 messages" in life.stdout.readline()
        life.send_signal(stop)
        _, talk = life.communicate()
    assert (life.returncode, talk) == (0, "stopped; what was finished before is kept\n")
