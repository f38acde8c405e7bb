"""NumPy arrays as Arrow columns: what `pyarrow.array` makes of them, without what that loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from siplens.capture import kernel
from siplens.native import prepare
from siplens.records.arrays import as_column
from siplens.sip.compiled import COMPILED

SHARED = {
    "numbers": np.array([3, -1, 2**62]),
    "every second": np.arange(8)[::2],
    "fractions": np.array([0.5, -2.0]),
    "truths": np.array([True, False, True, True, False, False, True, False, True]),
    "none": np.zeros(0, np.int64),
}


@pytest.mark.parametrize("values", SHARED.values(), ids=SHARED)
def test_values_are_arrows(values: np.ndarray[Any, Any]) -> None:
    assert as_column(values).equals(pa.array(values))


def test_what_is_not_known_is_null() -> None:
    values, known = np.array([10, -1, 30]), np.array([True, False, True])
    assert as_column(values, pa.int32(), known).to_pylist() == [10, None, 30]
    assert as_column(values > 0, known=known).to_pylist() == [True, None, True]
    assert as_column(values, known=np.ones(3, bool)).null_count == 0


def test_timestamps_are_given_in_microseconds() -> None:
    column = as_column(np.array([1_500_000]), pa.timestamp("us"))
    assert column.cast(pa.int64()).to_pylist() == [1_500_000]
    assert column.type == pa.timestamp("us")


def test_a_number_that_does_not_fit_is_an_error_unless_nobody_knows_it() -> None:
    values = np.array([1, 2**40])
    with pytest.raises(OverflowError, match="int32"):
        as_column(values, pa.int32())
    assert as_column(values, pa.int32(), np.array([True, False])).to_pylist() == [1, None]


def test_ingesting_a_capture_loads_neither_masked_arrays_nor_arrows_functions(tmp_path: Path) -> None:
    capture = next(Path(__file__).parents[2].glob("sample_traces/*/*.pcap"))
    prepare(kernel.walk, *COMPILED)  # else the compiler would load much more
    program = (
        "import os, sys; os.environ['OPENBLAS_NUM_THREADS'] = '1'\n"
        "from siplens.cli import ending, start\n"
        "def leave(status):\n"
        "    print(status, sorted({'numpy.ma', 'pyarrow.compute', 'typer'} & set(sys.modules)), flush=True)\n"
        "    os._exit(status)\n"
        "ending.leave = leave\n"
        f"sys.argv = ['siplens', 'ingest', '--db', {str(tmp_path / 'calls.duckdb')!r}, {str(capture)!r}]\n"
        "start.console_script()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == ["0 []"], done.stdout + done.stderr
