"""Link types: one row each. A new link type whose header leads to IPv4 or IPv6 is one more row here and nothing else.

Numbers are the LINKTYPE_ values of pcap and pcapng files; names are written to `source.link_types`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siplens.capture.kernel_layout import LINK_ERF, LINK_ETHERTYPE, LINK_IP, LINK_PPP


class LinkType(NamedTuple):
    """How to get from the first byte of a frame to its network layer."""

    number: int
    name: str
    form: int
    """LINK_ETHERTYPE: an EtherType at `at`, payload after `length` bytes. LINK_IP: IPv4 or IPv6, told by its first
    four bits, after `length` bytes. LINK_PPP, LINK_ERF: headers of varying length, measured by the kernel."""
    at: int
    length: int


LINK_TYPES: tuple[LinkType, ...] = (
    LinkType(0, "NULL", LINK_IP, 0, 4),
    LinkType(1, "ETHERNET", LINK_ETHERTYPE, 12, 14),
    LinkType(9, "PPP", LINK_PPP, 0, 0),
    LinkType(12, "RAW", LINK_IP, 0, 0),
    LinkType(14, "RAW", LINK_IP, 0, 0),
    LinkType(50, "PPP_HDLC", LINK_PPP, 0, 0),
    LinkType(51, "PPP_ETHER", LINK_PPP, 0, 6),
    LinkType(101, "RAW", LINK_IP, 0, 0),
    LinkType(108, "LOOP", LINK_IP, 0, 4),
    LinkType(113, "LINUX_SLL", LINK_ETHERTYPE, 14, 16),
    LinkType(197, "ERF", LINK_ERF, 0, 16),
    LinkType(228, "IPV4", LINK_IP, 0, 0),
    LinkType(229, "IPV6", LINK_IP, 0, 0),
    LinkType(276, "LINUX_SLL2", LINK_ETHERTYPE, 0, 20),
)

OTHER_NAMES: dict[int, str] = {
    6: "IEEE802_5",
    8: "SLIP",
    10: "FDDI",
    105: "IEEE802_11",
    127: "IEEE802_11_RADIOTAP",
    187: "BLUETOOTH_HCI_H4",
    189: "USB_LINUX",
    195: "IEEE802_15_4",
    220: "USB_LINUX_MMAPPED",
    231: "DBUS",
    239: "NFLOG",
    253: "NETLINK",
    252: "WIRESHARK_UPPER_PDU",
}
"""Link types that are named in capture_health but not opened."""


def kernel_rows(link_types: tuple[LinkType, ...] = LINK_TYPES) -> NDArray[Any]:
    """The table as the kernel reads it: rows of (form, at, length), in the order of `link_types`."""
    return np.array([(link.form, link.at, link.length) for link in link_types], dtype=np.int64)


def row_of(number: int, link_types: tuple[LinkType, ...] = LINK_TYPES) -> int:
    """Row of a link type number in `link_types`, -1 where it is not listed."""
    for row, link in enumerate(link_types):
        if link.number == number:
            return row
    return -1


def name_of(number: int, link_types: tuple[LinkType, ...] = LINK_TYPES) -> str:
    """Name of a link type number, such as ETHERNET; LINKTYPE_n for one that is not known at all."""
    row = row_of(number, link_types)
    return link_types[row].name if row >= 0 else OTHER_NAMES.get(number, f"LINKTYPE_{number}")
