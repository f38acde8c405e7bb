"""Machine code that is made once: it computes what Python computes, follows its sources, and damage to it is noticed."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

SOURCE = '''
from siplens.native import inner, native
from parts import FACTOR

@inner
def twice(value):
    return value * FACTOR

@native("i8(i8[], i8[,], f8*, u1[], i8)", sources=("*.py",))
def total(numbers, grid, levels, text, start):
    """Adds everything up."""
    found = start
    for n in range(numbers.size):
        found += twice(numbers[n])
    for row in range(grid.shape[0]):
        for column in range(grid.shape[1]):
            found += grid[row, column]
    levels[0] = found / 2
    text[0] = 65
    return found

@native("void(u1[])", sources=("*.py",))
def clear(text):
    for n in range(text.size):
        text[n] = 0
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sums.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "parts.py").write_text("FACTOR = 2\n", encoding="utf-8")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return tmp_path


def load(folder: Path) -> ModuleType:
    """The module as a new process would see it."""
    parts = importlib.util.spec_from_file_location("parts", folder / "parts.py")
    sums = importlib.util.spec_from_file_location("sums", folder / "sums.py")
    assert parts is not None
    assert sums is not None
    sys.modules["parts"] = importlib.util.module_from_spec(parts)
    assert parts.loader is not None
    parts.loader.exec_module(sys.modules["parts"])
    module = importlib.util.module_from_spec(sums)
    assert sums.loader is not None
    sums.loader.exec_module(module)
    del sys.modules["parts"]
    return module


def call(module: ModuleType) -> tuple[int, float, int]:
    levels, text = np.zeros(1), np.zeros(3, np.uint8)
    found = module.total(np.arange(4), np.arange(6).reshape(2, 3), levels, text, 100)
    return found, levels[0], text[0]


def test_it_computes_and_is_found_again(folder: Path) -> None:
    first = load(folder)
    assert not first.total.is_compiled()
    assert call(first) == (127, 63.5, 65)
    assert first.total.is_compiled()
    second = load(folder)
    assert call(second) == (127, 63.5, 65)
    text = np.ones(5, np.uint8)
    assert second.clear(text) is None
    assert not text.any()


def test_a_changed_source_gives_new_code(folder: Path) -> None:
    call(load(folder))
    (folder / "parts.py").write_text("FACTOR = 3\n", encoding="utf-8")
    changed = load(folder)
    assert not changed.total.is_compiled()
    assert call(changed)[0] == 133
    assert len(list((folder / "__pycache__").glob("sums.total-*.native"))) == 1, "older code is removed"


def test_damaged_code_is_made_anew(folder: Path) -> None:
    call(load(folder))
    (code,) = (folder / "__pycache__").glob("sums.total-*.native")
    content = bytearray(code.read_bytes())
    content[len(content) // 2] ^= 0xFF
    code.write_bytes(content)
    assert call(load(folder))[0] == 127


def test_code_of_sources_that_changed_meanwhile_is_not_kept(folder: Path) -> None:
    """A program that runs while a newer one is installed would keep what is old under the key of what is new."""
    running = load(folder)
    (folder / "parts.py").write_text("FACTOR = 3\n", encoding="utf-8")
    assert call(running)[0] == 127
    assert call(load(folder))[0] == 133


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_installation_uses_the_users_cache(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    folder.chmod(0o555)
    try:
        assert call(load(folder))[0] == 127
    finally:
        folder.chmod(0o755)
    assert list(home.rglob("*.native"))


def test_wrong_arrays_are_refused(folder: Path) -> None:
    module = load(folder)
    with pytest.raises(TypeError, match="contiguous array of u1"):
        module.clear(np.zeros(3, np.int64))
    with pytest.raises(TypeError, match="contiguous array of u1"):
        module.clear(np.zeros(6, np.uint8)[::2])
