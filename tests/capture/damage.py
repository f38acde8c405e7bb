"""Damages captures at random, reads them, and sees that no harm is done. Run as a program, it does all of it: some minutes.

python -m tests.capture.damage FOLDER [--seed N]
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from siplens.capture import read_capture
from siplens.errors import UnreadableFileError

LONGEST_S = 30
MOST_KB = 600 * 1024


def cuts(content: bytes, count: int, chance: random.Random) -> Iterator[bytes]:
    """The capture cut at random places."""
    return (content[: chance.randrange(len(content))] for _ in range(count))


def flipped(content: bytes, count: int, flips: int, chance: random.Random) -> Iterator[bytes]:
    """The capture `count` times, each with so many bytes changed."""
    for _ in range(count):
        changed = bytearray(content)
        for _ in range(flips):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        yield bytes(changed)


def read_damaged(path: Path, content: bytes, *, ask_tshark: bool = False) -> str:
    """Reads damaged bytes; 'read' or 'refused'. Anything but rows of the right form and a refusal in a sentence is an exception."""
    path.write_bytes(content)
    last = None
    try:
        for batch in read_capture(path, ask_tshark=ask_tshark):
            batch.rows.validate(full=True)
            last = batch.table
    except UnreadableFileError as error:
        return "refused" if "\n" not in error.message else error.message
    assert last == "source"
    return "read"


def captures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sweep(folder: Path, seed: int, single: int) -> None:
    outcomes = {"read": 0, "refused": 0}
    longest = (0.0, "")

    def too_long(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, too_long)
    with tempfile.TemporaryDirectory() as scratch:
        for source in captures(folder):
            chance = random.Random(f"{seed} {source.name}")
            content = source.read_bytes()
            cases = [*cuts(content, 50, chance), *flipped(content, 5, 200, chance)]
            for case in (*cases, *flipped(content, single, 1, chance)):
                began = time.perf_counter()
                signal.alarm(LONGEST_S)
                outcomes[read_damaged(Path(scratch) / "damaged", case)] += 1
                signal.alarm(0)
                longest = max(longest, (time.perf_counter() - began, source.name))
            print(source.name, outcomes, flush=True)  # noqa: T201 - a program's output
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{outcomes}; longest {longest[0]:.2f} s ({longest[1]}); peak memory {peak // 1024} MB")  # noqa: T201
    assert peak < MOST_KB


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--single", type=int, default=200)
    options = arguments.parse_args()
    _sweep(options.folder, options.seed, options.single)
