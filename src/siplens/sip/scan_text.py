"""Compiled looks at text in a buffer: words, numbers, names in a table. Everything else in scan_*.py is made of these.

Positions are offsets into the buffer, a..b is from a up to but not including b. Unsigned indices spare Numba the check for negative ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siplens.native import inner
from siplens.sip import layout as la

SOURCES = ("scan_*.py", "*layout.py")
"""All files that compiled code is made of."""


LOWER = np.arange(256, dtype=np.uint8)
"""Each character in lower case, ASCII only. A table, because it needs no branch."""
LOWER[65:91] += 32


_IN_TOKEN = np.zeros(256, np.bool_)
_IN_TOKEN[list(b"-.!%*_+`'~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")] = True


@inner
def is_token(buffer: NDArray[np.uint8], a: int, b: int) -> bool:
    """True where a..b is a token (RFC 3261 25.1)."""
    for p in range(a, b):
        if not _IN_TOKEN[buffer[np.uint64(p)]]:
            return False
    return a < b


@inner
def starts(buffer: NDArray[np.uint8], a: int, b: int, lower_word: NDArray[np.uint8]) -> bool:
    """True where a..b begins with the word, any case."""
    if b - a < lower_word.size:
        return False
    for k in range(lower_word.size):
        if LOWER[buffer[np.uint64(a + k)]] != lower_word[k]:
            return False
    return True


@inner
def contains(buffer: NDArray[np.uint8], a: int, b: int, lower_word: NDArray[np.uint8]) -> bool:
    """True where the word is in a..b, any case."""
    for p in range(a, b - lower_word.size + 1):
        if starts(buffer, p, b, lower_word):
            return True
    return False


@inner
def skip(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    """First position that is no space or tab."""
    while a < b and (buffer[np.uint64(a)] == la.SPACE or buffer[np.uint64(a)] == la.TAB):
        a += 1
    return a


@inner
def trim(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    """End of a..b without spaces, tabs and carriage returns."""
    while b > a:
        c = buffer[np.uint64(b - 1)]
        if c != la.SPACE and c != la.TAB and c != la.RETURN:
            break
        b -= 1
    return b


@inner
def find(buffer: NDArray[np.uint8], a: int, b: int, x: int) -> int:
    """First position of character x, else b."""
    while a < b and buffer[np.uint64(a)] != x:
        a += 1
    return a


@inner
def line_end(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    """First position of a newline, else b. Eight characters at a time: LLVM compares them at once."""
    while a + 8 <= b:
        hits = np.uint8(0)
        for k in range(8):
            hits |= np.uint8(buffer[np.uint64(a + k)] == la.NEWLINE)
        if hits:
            break
        a += 8
    return find(buffer, a, b, la.NEWLINE)


@inner
def until(buffer: NDArray[np.uint8], a: int, b: int, x: int, y: int) -> int:
    """First position of character x or y, else b."""
    while a < b:
        c = buffer[np.uint64(a)]
        if c == x or c == y:
            break
        a += 1
    return a


@inner
def word(buffer: NDArray[np.uint8], a: int, b: int) -> tuple[int, int]:
    """Begin and end of the next word between spaces; both b where there is none."""
    a = skip(buffer, a, b)
    return a, until(buffer, a, b, la.SPACE, la.TAB)


@inner
def number(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    """Digits as a number; -1 where there are none, other characters, or more than 18."""
    if a >= b or b - a > 18:
        return -1
    value = 0
    for p in range(a, b):
        digit = int(buffer[np.uint64(p)]) - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@inner
def put(at: NDArray[np.int64], size: NDArray[np.int64], row: int, i: int, a: int, b: int) -> None:
    """Notes that field `row` of message (or line) i stands at a..b."""
    at[row, i] = a
    size[row, i] = b - a


@inner
def kind_of(buffer: NDArray[np.uint8], a: int, b: int, slots: NDArray[np.int64], spelt: NDArray[np.uint8]) -> int:
    """Kind of the name at a..b, any case, by a hash table of siplens.sip.names; 0 where it has none."""
    n = b - a
    if n <= 0:
        return 0
    first, last, middle = LOWER[buffer[np.uint64(a)]], LOWER[buffer[np.uint64(b - 1)]], LOWER[buffer[np.uint64(a + n // 2)]]
    h = (n * 7 + np.int64(first) * 3 + np.int64(last) * 5 + np.int64(middle) * 11) & 255
    while slots[np.uint64(h), 0] != 0:
        if slots[np.uint64(h), 2] == n:
            k, letters = 0, slots[np.uint64(h), 1]
            while k < n and LOWER[buffer[np.uint64(a + k)]] == spelt[np.uint64(letters + k)]:
                k += 1
            if k == n:
                return slots[np.uint64(h), 0]
        h = (h + 1) & 255
    return 0
