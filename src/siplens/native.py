"""Compiled functions without the compiler at hand: Numba makes machine code once per machine, later runs load that code alone.

Importing Numba and waking its cache takes most of a second; loading finished code takes a few milliseconds.
A module marks what it wants compiled:

    @inner                              compiled code calls it, Python does not
    @native("i8(u1[], i8[,], i8)", sources=("scan*.py",))      Python calls it, with arrays and integers

Types: i1 i2 i4 i8 u1 f8 for numbers, u1[] and i8[,] for contiguous arrays, i8* for the bare address of an array's first
element. The code on disk is for one processor, one version of Numba, and the very text of `sources`.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import importlib.util
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any, ClassVar, NamedTuple

from siplens import kept, machine_code
from siplens.machine_code import MachineCode, compiled, processor, unpacked

_TYPE = re.compile(r"(i1|i2|i4|i8|u1|f8)(\[\]|\[,\]|\*)?")
_NUMBA_NAMES = {"i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "f8": "float64"}
_MADE_BY = {Path(__file__), Path(machine_code.__file__)}


class _Parameter(NamedTuple):
    """One parameter of a native function."""

    code: str
    form: str
    """Empty for a number, [] or [,] for an array, * for a pointer."""

    @property
    def dimensions(self) -> int:
        return {"[]": 1, "[,]": 2}.get(self.form, 0)

    def c_types(self) -> list[Any]:
        """What is passed: for an array its owner, parent, size, item size, address, shape and strides, as Numba does."""
        if self.form == "*":
            return [ctypes.c_void_p]
        if not self.form:
            return [ctypes.c_int64]
        owner_to_address = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p]
        return [*owner_to_address, *[ctypes.c_int64] * (2 * self.dimensions)]

    def values(self, argument: Any) -> tuple[Any, ...]:
        """What is passed for a Python argument; TypeError for an array of another type or form."""
        if not self.form:
            return (argument,)
        if argument.dtype.str[1:] != self.code or not argument.flags.c_contiguous or self.dimensions not in (0, argument.ndim):
            raise TypeError(f"expected a contiguous array of {self.code}{self.form}, not {argument.dtype} of shape {argument.shape}")
        if self.form == "*":
            return (argument.ctypes.data,)
        return (None, None, argument.size, argument.itemsize, argument.ctypes.data, *argument.shape, *argument.strides)

    def numba_type(self, types: Any) -> Any:
        kind = getattr(types, _NUMBA_NAMES[self.code])
        if not self.form:
            return kind
        return types.CPointer(kind) if self.form == "*" else types.Array(kind, self.dimensions, "C")


class Lazy:
    """Something of Numba's that is made when first compiled code needs it: an inner function, an intrinsic."""

    everything: ClassVar[list[Lazy]] = []

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self.everything.append(self)

    @cached_property
    def made(self) -> Any:
        """The thing itself."""
        return self._make()

    def __call__(self, *arguments: Any) -> Any:
        """For the eyes of type checkers: only compiled code calls it."""
        raise TypeError("this function is called by compiled code only")


def inner(function: Any) -> Any:
    """Decorator of a function that only compiled code calls. It must not be called with literal numbers or tuples there: each
    would be compiled apart."""

    def make() -> Any:
        import numba

        return numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)

    return Lazy(make)


def inlined(function: Any) -> Any:
    """The same for a function of the hot path: its code stands where it is called. Sensible where few places call it."""

    def make() -> Any:
        import numba

        return numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)(function)

    return Lazy(make)


def native(signature: str, *, sources: Sequence[str]) -> Callable[[Any], Native]:
    """Decorator of a function that Python calls. `sources`: patterns of all files, beside the function's own, that it is made of."""
    return lambda function: Native(function, signature, sources)


def prepare(*functions: Native) -> None:
    """Load functions; where they must be compiled first, on two processors at once."""
    missing = [function for function in functions if not function.is_compiled()]
    if len(missing) > 1 and (os.cpu_count() or 1) > 1 and sys.executable:
        ours, theirs = missing[:1], missing[1:]
        import subprocess

        program = "".join(f"from {f.module} import {f.name} as f\nf.load()\n" for f in theirs)
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            for function in ours:
                function.load()
    for function in functions:
        function.load()


class Native:
    """A compiled function; loaded, or compiled, when it is first called."""

    def __init__(self, function: FunctionType, signature: str, sources: Sequence[str]) -> None:
        self._function = function
        self.module, self.name = function.__module__, function.__name__
        self.__doc__ = function.__doc__
        result, _, rest = signature.partition("(")
        self._returns = result
        self._parameters = [_Parameter(code, form) for code, form in _TYPE.findall(rest)]
        self._folder = Path(function.__code__.co_filename).parent
        self._sources = sources
        self._loaded = time.time()

    def __call__(self, *arguments: Any) -> Any:
        """Call the compiled function with NumPy arrays and integers."""
        return self._callable(*arguments)

    def load(self) -> None:
        """Compile, or load what was compiled before."""
        _ = self._callable

    def is_compiled(self) -> bool:
        """Whether machine code for this processor and these sources is on disk."""
        return any(place.exists() for place in self._places)

    @cached_property
    def _places(self) -> list[Path]:
        """Files in which the code may lie."""
        return [folder / self._kept_as for folder in kept.folders(self._folder)]

    @cached_property
    def _kept_as(self) -> str:
        return f"{self.module}.{self.name}-{self._key}.native"

    @property
    def _made_of(self) -> list[Path]:
        return sorted({path for pattern in self._sources for path in self._folder.glob(pattern)} | _MADE_BY)

    @cached_property
    def _key(self) -> str:
        digest = hashlib.sha256()
        for path in self._made_of:
            digest.update(path.name.encode() + path.read_bytes())
        machine = (platform.system(), platform.machine(), processor(), _numba_version())
        digest.update(repr(machine).encode())
        return digest.hexdigest()[:20]

    @cached_property
    def _callable(self) -> Callable[..., Any]:
        for content in kept.find(self._folder, self._kept_as):
            if address := unpacked(content).address():
                return self._wrapped(address)
        made = self._compile()
        address = made and made.address()
        if made is None or not address:
            # Numba's own call: on a platform where its code cannot stand alone, all works the same, only starts slower.
            plain: Callable[..., Any] = self._dispatcher(wrappers=True)
            return plain
        kept.keep(self._folder, self._kept_as, made.packed(), made_of=self._made_of, loaded=self._loaded)
        return self._wrapped(address)

    def _dispatcher(self, *, wrappers: bool) -> Any:
        import numba
        from numba.core.registry import cpu_target
        from numba.extending import typeof_impl

        # Compiled code that names a Lazy means what it makes; all are made before, so that the compiler knows them when it begins.
        made = {id(lazy): lazy.made for lazy in Lazy.everything}
        typeof_impl.register(Lazy)(lambda value, context: cpu_target.typing_context.resolve_value_type(made[id(value)]))
        result = numba.types.void if self._returns == "void" else getattr(numba.types, _NUMBA_NAMES[self._returns])
        signature = result(*(parameter.numba_type(numba.types) for parameter in self._parameters))
        without = {} if wrappers else {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        return numba.njit(signature, nogil=True, error_model="numpy", **without)(self._function)

    def _compile(self) -> MachineCode | None:
        """Machine code by Numba; None where it needs something of Numba's when it runs."""
        # The compiler makes many objects that all stay: looking for garbage among them takes a fifth of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            (overload,) = self._dispatcher(wrappers=False).overloads.values()
        finally:
            if collecting:
                gc.enable()
        return compiled(overload.fndesc.llvm_func_name, overload.library)

    def _wrapped(self, address: int) -> Callable[..., Any]:
        """A Python function around machine code. It is called as Numba calls: result and error by address, status returned."""
        types = [kind for parameter in self._parameters for kind in parameter.c_types()]
        call = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *types)(address)
        parameters, returns = self._parameters, self._returns != "void"

        def run(*arguments: Any) -> int | None:
            result, error = ctypes.c_int64(), ctypes.c_void_p()
            values = [value for parameter, argument in zip(parameters, arguments, strict=True) for value in parameter.values(argument)]
            if call(ctypes.addressof(result), ctypes.addressof(error), *values):
                raise ArithmeticError(f"{self.name} ended with an error")
            return result.value if returns else None

        return run


def _numba_version() -> bytes:
    """What tells one version of Numba from another, without importing it: that, or asking for its metadata, takes longer than the rest."""
    found = importlib.util.find_spec("numba")
    folder = Path(found.origin).parent if found and found.origin else Path()
    version = folder / "_version.py"
    return version.read_bytes() if version.is_file() else str(folder).encode()
