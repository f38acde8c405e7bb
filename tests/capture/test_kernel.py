"""The compiled pass as such: it is compiled once, its cache follows its sources, and its tables stay where they belong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from siplens.capture import kernel, kernel_is_compiled, kernel_layout, memory

from .packets import B, pcap, read, sdp, sip, udp_frame


def test_compiled_once_and_then_loaded() -> None:
    kernel.walk.load()
    assert kernel_is_compiled()
    program = "import sys; from siplens.capture.kernel import walk; walk.load(); print('numba' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False", "finished code needs no compiler"


def test_tables_do_not_overlap() -> None:
    starts = [
        kernel_layout.STATE_COLUMNS,
        kernel_layout.SRC_HI,
        kernel_layout.ABOUT_STATE + 1,
        kernel_layout.ROWS_SEEN + kernel_layout.KIND_ICMP + 1,
        kernel_layout.S_KNOWN,
        kernel_layout.M_TEXT + 1,
        kernel_layout.MESSAGE_ENDS,
        kernel_layout.MESSAGE_ENDS + kernel_layout.MAX_WHOLE,
        kernel_layout.INTERFACES,
        kernel_layout.RAW_INTERFACE,
        kernel_layout.LINKS,
        kernel_layout.MESSAGES,
        kernel_layout.ASIDES,
        kernel_layout.CANDIDATES,
        kernel_layout.CLOCKS,
        kernel_layout.MAP_KEYS,
        kernel_layout.SCRATCH_ADDRESSES,
        kernel_layout.STREAMS,
        kernel_layout.FIXED_SIZE,
    ]
    assert starts == sorted(starts)
    assert kernel_layout.F_PAIRS + 2 * kernel_layout.PAIRS <= kernel_layout.FLOW_COLUMNS


def test_hashes_in_python_and_in_the_pass_agree() -> None:
    """Tables grow in Python: what the pass put in must be found again. Negative halves are what IPv6 addresses give."""
    tables = memory.Memory()
    chance = np.random.default_rng(1)
    rows = chance.integers(-(2**63), 2**63 - 1, (500, kernel_layout.BINDING_COLUMNS))
    rows[:, kernel_layout.B_PORT] = chance.integers(1, 65536, 500)
    tables.m[kernel_layout.BINDINGS_USED] = 500
    tables._refill_bindings(rows)
    before = tables.table(int(tables.m[kernel_layout.BINDINGS_AT]), 4096, kernel_layout.BINDING_COLUMNS).copy()
    tables.grow_bindings()
    tables.grow_flows()
    after = tables.table(int(tables.m[kernel_layout.BINDINGS_AT]), 8192, kernel_layout.BINDING_COLUMNS)

    def held(table: np.ndarray) -> set[bytes]:
        return {row.tobytes() for row in table if row[kernel_layout.B_PORT]}

    assert held(before) == held(after)
    assert len(held(after)) == 500


def test_announcements_are_found_again_after_growing(tmp_path: Path) -> None:
    """The same port announced before and after the table grew is one announcement, so that nothing is counted twice."""
    offers = [(n / 1000, udp_frame(sip(f"c{n}", body=sdp(B, 10_000 + n * 2)))) for n in range(5_000)]
    tables = read(tmp_path / "c", pcap([*offers, *offers]))
    assert len(tables["message"]) == 10_000
    assert "capture_health" not in tables
