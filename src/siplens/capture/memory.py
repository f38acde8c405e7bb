"""The arrays that one pass over one capture works on, as Python sees them: named views, and tables that grow."""

from __future__ import annotations

import os

import numpy as np

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_layout import Array
from siplens.capture.links import LEFT_OVER, LINK_TYPES, LinkType, kernel_rows, left_over_rows, row_of
from siplens.capture.static_types import STATIC_CLOCKS

_FIRST_FLOWS = 1 << 12
_FIRST_BINDINGS = 1 << 12
_RAW = 101


class Memory:
    """All state of one pass: about 30 MB, of which untouched pages cost nothing. `m`, `x`, `b`: see `kernel_layout`."""

    def __init__(self, link_types: tuple[LinkType, ...] = LINK_TYPES) -> None:
        self.link_types = link_types
        self.b: Array = np.zeros(k.BYTES_SIZE, dtype=np.uint8)
        self.m: Array = np.zeros(k.FIXED_SIZE, dtype=np.int64)
        self.x: Array = self.m.view(np.float64)
        # A random seed: nobody can write a capture whose flows all fall into one place of the hash tables.
        self.m[k.SEED] = int.from_bytes(os.urandom(7), "little") | 1
        self.m[k.FIRST_TIME] = self.m[k.LAST_TIME] = k.NO_TIME
        self.m[k.MAPS_USED] = 1
        self.m[k.MAX_ROWS], self.m[k.MAX_FLOWS], self.m[k.MAX_BINDINGS] = 200_000, 1 << 18, 1 << 20
        for number, (_, clock) in STATIC_CLOCKS.items():
            self.m[k.CLOCKS + number] = clock
        self.m[k.RAW_INTERFACE + k.I_LINK] = row_of(_RAW, link_types)
        links = kernel_rows(link_types)
        self.m[k.LINKS : k.LINKS + links.size] = links.ravel()
        left = left_over_rows()
        self.m[k.LEFTS : k.LEFTS + left.size] = left.ravel()
        self.m[k.RAW_INTERFACE + k.I_LINK_NUMBER] = _RAW
        self._lay_out(_FIRST_FLOWS, _FIRST_BINDINGS)

    def take_bindings(self, rows: Array) -> None:
        """Put announced addresses that are known from elsewhere into a pass that has not begun."""
        places = _FIRST_BINDINGS
        while places < 2 * len(rows) and places < int(self.m[k.MAX_BINDINGS]):
            places *= 2
        if places > _FIRST_BINDINGS:
            self._lay_out(_FIRST_FLOWS, places)
        rows = rows[: places * 3 // 4]
        self._refill_bindings(rows)
        self.m[k.BINDINGS_USED] = len(rows)

    def table(self, start: int, rows: int, columns: int) -> Array:
        """View of a table in `m`."""
        view: Array = self.m[start : start + rows * columns].reshape(rows, columns)
        return view

    @property
    def interfaces(self) -> Array:
        """View of the interfaces seen so far."""
        return self.table(k.INTERFACES, int(self.m[k.INTERFACE_END]), k.INTERFACE_COLUMNS)

    @property
    def left_over(self) -> Array:
        """View of the protocols that are not opened, in the order of `links.LEFT_OVER`."""
        return self.table(k.LEFTS, len(LEFT_OVER), k.LEFT_COLUMNS)

    @property
    def messages(self) -> Array:
        """View of the messages kept since the last flush."""
        return self.table(k.MESSAGES, int(self.m[k.MESSAGES_USED]), k.ROW_COLUMNS)

    @property
    def asides(self) -> Array:
        """View of the packets set aside since the last drain."""
        return self.table(k.ASIDES, int(self.m[k.ASIDES_USED]), k.ROW_COLUMNS)

    @property
    def bindings(self) -> Array:
        """The addresses and ports that were announced, in no order."""
        places = self.table(int(self.m[k.BINDINGS_AT]), int(self.m[k.BINDINGS_MASK]) + 1, k.BINDING_COLUMNS)
        found: Array = places[places[:, k.B_PORT] != 0]
        return found

    @property
    def flows(self) -> Array:
        """View of the flows, in the order in which they were opened."""
        return self.table(int(self.m[k.FLOWS_AT]), int(self.m[k.FLOWS_USED]), k.FLOW_COLUMNS)

    @property
    def levels(self) -> Array:
        """View of the flows whose L_* columns are numbers in milliseconds; the other columns mean nothing in it."""
        view: Array = self.flows.view(np.float64)
        return view

    def grow_flows(self) -> None:
        """Make room for twice as many flows."""
        self._lay_out(int(self.m[k.FLOWS_ROOM]) * 2, int(self.m[k.BINDINGS_MASK]) + 1)

    def grow_bindings(self) -> None:
        """Make room for twice as many announced addresses."""
        self._lay_out(int(self.m[k.FLOWS_ROOM]), (int(self.m[k.BINDINGS_MASK]) + 1) * 2)

    def _lay_out(self, flows: int, bindings: int) -> None:
        old = self.m
        slots = flows * 2
        starts = np.cumsum([k.FIXED_SIZE, slots, flows * k.FLOW_COLUMNS, bindings * k.BINDING_COLUMNS])
        slots_at, flows_at, bindings_at, size = (int(start) for start in starts)
        self.m = _zeros(size)
        # The first time little is in it: pages that nobody touches cost nothing.
        written = [(0, k.MESSAGES), (k.CLOCKS, k.CLOCKS + k.PAYLOAD_TYPES)] if old.size == k.FIXED_SIZE else [(0, k.FIXED_SIZE)]
        for start, end in written:
            self.m[start:end] = old[start:end]
        self.m[k.FLOW_SLOTS_AT], self.m[k.FLOW_SLOTS_MASK] = slots_at, slots - 1
        self.m[k.FLOWS_AT], self.m[k.FLOWS_ROOM] = flows_at, flows
        self.m[k.BINDINGS_AT], self.m[k.BINDINGS_MASK] = bindings_at, bindings - 1
        used = int(old[k.FLOWS_USED]) * k.FLOW_COLUMNS
        if used:
            old_at = int(old[k.FLOWS_AT])
            self.m[flows_at : flows_at + used] = old[old_at : old_at + used]
            self._refill_flow_slots()
        if old[k.BINDINGS_USED]:
            start, room = int(old[k.BINDINGS_AT]), int(old[k.BINDINGS_MASK]) + 1
            rows = old[start : start + room * k.BINDING_COLUMNS].reshape(-1, k.BINDING_COLUMNS)
            self._refill_bindings(rows[rows[:, k.B_PORT] != 0])
        self.x = self.m.view(np.float64)

    @staticmethod
    def _places(hashes: Array, mask: int) -> Array:
        """Free places, found as the pass will look for them, for keys with these hashes."""
        homes = hashes & mask
        taken = bytearray(mask + 1)
        places = np.empty(len(homes), dtype=np.int64)
        for index, home in enumerate(homes.tolist()):
            while taken[home]:
                home = (home + 1) & mask
            taken[home] = 1
            places[index] = home
        return places

    def _refill_flow_slots(self) -> None:
        flows = self.flows
        hashes = _hash5(int(self.m[k.SEED]), *(flows[:, column] for column in range(5)))
        places = self._places(hashes, int(self.m[k.FLOW_SLOTS_MASK]))
        self.m[int(self.m[k.FLOW_SLOTS_AT]) + places] = (hashes & ~0xFFFFFFFF) | (np.arange(len(flows)) + 1)

    def _refill_bindings(self, rows: Array) -> None:
        hashes = _hash3(int(self.m[k.SEED]), rows[:, k.B_HI], rows[:, k.B_LO], rows[:, k.B_PORT] - 1)
        places = self._places(hashes, int(self.m[k.BINDINGS_MASK]))
        table = self.table(int(self.m[k.BINDINGS_AT]), int(self.m[k.BINDINGS_MASK]) + 1, k.BINDING_COLUMNS)
        table[places] = rows


def _zeros(size: int) -> Array:
    """So many numbers, beginning with a cache line."""
    room = np.zeros(size + k.LINE, dtype=np.int64)
    skipped = -(room.ctypes.data // room.itemsize) % k.LINE
    return room[skipped : skipped + size]


def _mix(h: Array, value: Array) -> Array:
    """`kernel_bytes.mix` over columns."""
    h = (h ^ value) * np.int64(-7046029254386353131)
    return h ^ ((h >> 29) & 0x7FFFFFFFF)


def _hash5(seed: int, a: Array, b: Array, c: Array, d: Array, e: Array) -> Array:
    """`kernel_bytes.hash5` over columns."""
    with np.errstate(over="ignore"):
        h = _mix(_mix(_mix(np.full(len(a), seed, dtype=np.int64), b), d), e)
        h = np.where((a != 0) | (c != 0), _mix(_mix(h, a), c), h)
    hashes: Array = h & 0x7FFFFFFFFFFFFFFF
    return hashes


def _hash3(seed: int, a: Array, b: Array, c: Array) -> Array:
    """`kernel_bytes.hash3` over columns."""
    with np.errstate(over="ignore"):
        h = _mix(_mix(_mix(np.full(len(a), seed, dtype=np.int64), b), c), a)
    hashes: Array = h & 0x7FFFFFFFFFFFFFFF
    return hashes
