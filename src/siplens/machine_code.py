"""Machine code as it is kept on disk, and its way into a process: by itself where that can be, else through LLVM."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from siplens import elf

_NO_DESTRUCTOR = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: None)
_SYMBOLS = {"NRT_MemInfo_call_dtor": ctypes.cast(_NO_DESTRUCTOR, ctypes.c_void_p).value or 0}
"""Functions of Numba's runtime that code may name but never calls here: arrays passed in own nothing."""
_CPU_LINES = ("vendor_id", "cpu family", "model", "stepping", "flags")
_CPU_HEAD = 1 << 13


class MachineCode(NamedTuple):
    """Machine code of one function: its name in the object file, the functions it needs from outside, the object file."""

    name: str
    needed: list[str]
    object_file: bytes

    def packed(self) -> bytes:
        """As it is kept on disk: names, object file."""
        return "\n".join([self.name, *self.needed]).encode() + b"\n\n" + self.object_file

    def address(self) -> int | None:
        """Load it into this process, where it stays; None where something that it needs is missing."""
        found = elf.load(self.object_file, _SYMBOLS)
        if found is not None and self.name in found:
            return found[self.name]
        return _loaded_by_llvm(self) if is_resolved(self.needed) else None


def unpacked(content: bytes) -> MachineCode:
    """Code as it was kept."""
    names, _, object_file = content.partition(b"\n\n")
    name, *needed = names.decode().split("\n")
    return MachineCode(name, needed, object_file)


def compiled(name: str, library: Any) -> MachineCode | None:
    """Machine code for this processor, out of what Numba compiled; None where it needs something of Numba's when it runs."""
    from llvmlite import binding as llvm

    module = llvm.parse_assembly(library.get_llvm_str())
    needed = [function.name for function in module.functions if function.is_declaration and not function.name.startswith("llvm.")]
    if not is_resolved(needed):
        return None
    try:
        code: bytes = library._get_compiled_object()  # what Numba keeps in a cache of its own: it is made already
    except (AttributeError, ValueError, RuntimeError):
        code = _target_machine().emit_object(module)
    return MachineCode(name, needed, code)


def is_resolved(needed: Sequence[str]) -> bool:
    """Whether LLVM finds every function that code needs from outside; a missing one would end the process."""
    from llvmlite import binding as llvm

    _target_machine()
    for name in needed:
        if name in _SYMBOLS:
            llvm.add_symbol(name, _SYMBOLS[name])
        elif not llvm.address_of_symbol(name):
            return False
    return True


def processor() -> str:
    """What tells processors apart for which code differs: kind and abilities, as Linux tells them, elsewhere as LLVM does."""
    with suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
        told = [line for line in file.read(_CPU_HEAD).splitlines() if line.partition("\t")[0].strip(" :") in _CPU_LINES]
        if any(line.startswith("flags") for line in told):
            return "\n".join(dict.fromkeys(told))
    from llvmlite import binding as llvm

    return f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def _target_machine() -> Any:
    from llvmlite import binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    name, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(cpu=name, features=features, opt=3, reloc="default", codemodel="jitdefault", jit=True)


_engines: list[Any] = []


def _loaded_by_llvm(code: MachineCode) -> int:
    from llvmlite import binding as llvm

    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target_machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code.object_file))
    engine.finalize_object()
    _engines.append(engine)
    address: int = engine.get_function_address(code.name)
    return address
