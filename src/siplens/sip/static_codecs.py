"""Static RTP payload types (RFC 3551 section 6, tables 4 and 5): number to name and clock rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NAMES = {
    0: "PCMU/8000",
    3: "GSM/8000",
    4: "G723/8000",
    5: "DVI4/8000",
    6: "DVI4/16000",
    7: "LPC/8000",
    8: "PCMA/8000",
    9: "G722/8000",
    10: "L16/44100/2",
    11: "L16/44100",
    12: "QCELP/8000",
    13: "CN/8000",
    14: "MPA/90000",
    15: "G728/8000",
    16: "DVI4/11025",
    17: "DVI4/22050",
    18: "G729/8000",
    25: "CelB/90000",
    26: "JPEG/90000",
    28: "nv/90000",
    31: "H261/90000",
    32: "MPV/90000",
    33: "MP2T/90000",
    34: "H263/90000",
}

TEXT = np.frombuffer("".join(NAMES.values()).encode("ascii"), np.uint8)


def _places() -> NDArray[np.int64]:
    places = np.zeros((2, 128), np.int64)
    places[1] = -1
    position = 0
    for payload, name in NAMES.items():
        places[:, payload] = -1 - position, len(name)
        position += len(name)
    return places


PLACES = _places()
"""(2, 128): position in TEXT as `scan_gather.gather` takes it (-1 - position), and size; size -1 where the number has no static meaning."""
