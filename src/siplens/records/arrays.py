"""NumPy arrays as Arrow columns that share their bytes.

Arrow's own way there (`pyarrow.array`, `cast`) loads NumPy's masked arrays and all of Arrow's functions, which takes as long as
reading a small capture.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_FORMS: dict[pa.DataType, type[np.generic]] = {
    pa.int8(): np.int8,
    pa.int16(): np.int16,
    pa.int32(): np.int32,
    pa.int64(): np.int64,
    pa.float64(): np.float64,
    pa.timestamp("us"): np.int64,
}
_KINDS = {np.dtype(form): kind for kind, form in reversed(_FORMS.items())}


def as_column(values: NDArray[Any], kind: pa.DataType | None = None, known: NDArray[np.bool_] | None = None) -> pa.Array:
    """A column of numbers or truths, NULL where `known`, if it is given, is false.

    kind: the column's type, timestamps being given in its unit; without it, that of the values. Raises OverflowError where a known
    value does not fit. The values must not be changed afterwards.
    """
    count = values.size
    nulls = 0 if known is None else count - int(np.count_nonzero(known))
    valid = _bits(known) if known is not None and nulls else None
    if values.dtype == np.bool_:
        return pa.Array.from_buffers(pa.bool_(), count, [valid, _bits(values)], nulls)
    kind = kind or _KINDS[values.dtype]
    made = np.ascontiguousarray(values, _FORMS[kind])
    if made.dtype.itemsize < values.dtype.itemsize and not _same(made, values, known):
        raise OverflowError(f"a number is too large for {kind}")
    return pa.Array.from_buffers(kind, count, [valid, pa.py_buffer(made)], nulls)


def _same(made: NDArray[Any], values: NDArray[Any], known: NDArray[np.bool_] | None) -> bool:
    same = made == values
    return bool(same.all() if known is None else same[known].all())


def _bits(truths: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(truths, bitorder="little"))
