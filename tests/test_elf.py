"""Machine code without LLVM: what can be loaded so computes the same, and what cannot is left to LLVM."""

from __future__ import annotations

import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from siplens import elf, kept
from siplens.capture import kernel
from siplens.machine_code import MachineCode, processor, unpacked
from siplens.sip import scan_gather

pytestmark = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="elsewhere LLVM loads all code: tests/test_native.py"
)
SYMBOLS = {"NRT_MemInfo_call_dtor": 0}


@pytest.fixture
def walk() -> MachineCode:
    """The packet kernel as it is kept: jump tables, constants, no outside functions."""
    kernel.walk.load()
    return unpacked(next(kept.find(Path(kernel.__file__).parent, kernel.walk._kept_as)))


def test_every_shipped_function_loads_without_llvm() -> None:
    program = (
        "import sys\nfrom siplens.capture import kernel\nfrom siplens.native import prepare\n"
        "prepare(kernel.walk, *kernel.COMPILED)\nprint('llvmlite' in sys.modules)"
    )
    kernel.walk.load()
    for function in kernel.COMPILED:
        function.load()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_functions_lie_where_their_sections_were_put(walk: MachineCode) -> None:
    found = elf.load(walk.object_file, SYMBOLS)
    assert found is not None
    again = elf.load(walk.object_file, SYMBOLS)
    assert again is not None
    assert found[walk.name] != again[walk.name], "each load is a place of its own"


def test_llvm_loads_what_this_cannot(walk: MachineCode, monkeypatch: pytest.MonkeyPatch) -> None:
    by_itself = walk.address()
    monkeypatch.setattr(elf, "load", lambda code, names: None)
    by_llvm = walk.address()
    assert by_llvm
    assert by_llvm != by_itself


def test_other_kinds_of_files_are_left_to_llvm(walk: MachineCode) -> None:
    code = bytearray(walk.object_file)
    assert elf.load(b"\xcf\xfa\xed\xfe" + bytes(64), SYMBOLS) is None, "Mach-O"
    assert elf.load(bytes(code[:18]) + b"\xb7\0" + bytes(code[20:]), SYMBOLS) is None, "another processor"
    section = next(section for section in elf._sections(bytes(code)) if section.kind == 4)
    struct.pack_into("<I", code, section.offset + 8, 2)
    assert elf.load(bytes(code), SYMBOLS) is None, "a 32-bit relative address"


def test_a_function_that_is_nowhere_makes_code_unusable() -> None:
    scan_gather.gather.load()
    code = unpacked(next(kept.find(Path(scan_gather.__file__).parent, scan_gather.gather._kept_as)))
    assert MachineCode("no such function", ["no_such_function_anywhere"], code.object_file).address() is None


def test_a_processor_is_known_by_what_it_can_do() -> None:
    assert processor() == processor()
    assert "flags" in processor()
