"""Damaged logs: cut anywhere, bytes exchanged, lines lost or twice, line ends mixed. Nothing raises, and what is whole is still read."""

from __future__ import annotations

import codecs
import gzip
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from siplens.logs import read_log, recognise

SAMPLES = sorted(path for path in (Path(__file__).parent / "samples").iterdir() if path.suffix != ".csv")


def damaged(text: bytes, chance: random.Random) -> bytes:
    """One kind of damage, or two."""
    for _ in range(chance.choice([1, 1, 2])):
        kind = chance.randrange(6)
        at, to = sorted(chance.sample(range(len(text) + 1), 2))
        if kind == 0:
            text = text[:at]
        elif kind == 1:
            text = text[at:]
        elif kind == 2:
            text = text[:at] + text[min(to, at + 200) :]
        elif kind == 3:
            text = text[:at] + bytes(chance.randrange(256) for _ in range(chance.randrange(1, 6))) + text[at + 3 :]
        elif kind == 4:
            lines = text.split(b"\n")
            lines.insert(chance.randrange(len(lines)), chance.choice(lines))
            text = b"\n".join(lines)
        else:
            text = b"\n".join(line.rstrip(b"\r") + chance.choice([b"", b"\r"]) for line in text.split(b"\n"))
    return text


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_damage_never_raises(sample: Path, tmp_path: Path) -> None:
    chance = random.Random(sample.name)
    whole = sample.read_bytes()
    name = recognise(whole)
    assert name is not None
    path = tmp_path / "damaged.log"
    for _ in range(12):
        path.write_bytes(damaged(whole, chance) or b"\n")
        recognise(path.read_bytes())
        for batch in read_log(path, name):
            batch.rows.validate(full=True)


def spoilt_encodings(whole: bytes) -> Iterator[bytes]:
    """UTF-16 that ends within a character or holds half a pair, zero bytes before and behind, line ends of old Macs, half of a gzip."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        wide = mark + whole.decode("latin-1").encode(encoding)
        yield wide[:-1]
        yield wide[:301] + b"\xd8\xdc\xff" + wide[303:]
    yield bytes(5000) + whole
    yield whole + bytes(5000)
    yield whole.replace(b" ", b"\x00", 3)
    yield whole.replace(b"\n", b"\r")
    packed = gzip.compress(whole)
    yield packed[: len(packed) // 2]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_spoilt_encodings_never_raise(sample: Path, tmp_path: Path) -> None:
    whole = sample.read_bytes()
    name = recognise(whole)
    assert name is not None
    path = tmp_path / "spoilt.log"
    for spoilt in spoilt_encodings(whole):
        path.write_bytes(spoilt)
        recognise(spoilt)
        for batch in read_log(path, name):
            batch.rows.validate(full=True)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_log_cut_in_its_last_message_keeps_the_others(sample: Path, tmp_path: Path) -> None:
    name = recognise(sample.read_bytes())
    assert name is not None

    def counted(path: Path) -> int:
        return sum(batch.rows.num_rows for batch in read_log(path, name or "") if batch.table == "message")

    messages = counted(sample)
    path = tmp_path / "cut.log"
    path.write_bytes(sample.read_bytes()[:-120])
    assert counted(path) >= messages - 1
