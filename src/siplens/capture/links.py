"""Link types: one row each. A new link type whose header leads to IPv4 or IPv6 is one more row here and nothing else.

Numbers are the LINKTYPE_ values of pcap and pcapng files; names are written to `source.link_types`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siplens.capture.kernel_layout import LINK_ERF, LINK_ETHERTYPE, LINK_IP, LINK_PPP, SPACE_ETHERTYPE, SPACE_IP, SPACE_UDP


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
    LinkType(104, "C_HDLC", LINK_ETHERTYPE, 2, 4),
    LinkType(108, "LOOP", LINK_IP, 0, 4),
    LinkType(109, "ENC", LINK_IP, 0, 12),
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
    11: "ATM_RFC1483",
    105: "IEEE802_11",
    107: "FRELAY",
    119: "IEEE802_11_PRISM",
    127: "IEEE802_11_RADIOTAP",
    163: "IEEE802_11_AVS",
    187: "BLUETOOTH_HCI_H4",
    189: "USB_LINUX",
    192: "PPI",
    195: "IEEE802_15_4",
    201: "BLUETOOTH_HCI_H4_WITH_PHDR",
    220: "USB_LINUX_MMAPPED",
    226: "IPNET",
    227: "CAN_SOCKETCAN",
    231: "DBUS",
    239: "NFLOG",
    249: "USBPCAP",
    252: "WIRESHARK_UPPER_PDU",
    253: "NETLINK",
    254: "BLUETOOTH_LINUX_MONITOR",
    258: "PKTAP",
}
"""Link types that the kernel does not open, named in capture_health."""

WITHOUT_IP = frozenset((187, 189, 195, 201, 220, 227, 231, 249, 253, 254))
"""Those that lead to no network layer: tshark need not look at them."""


class LeftOver(NamedTuple):
    """A protocol that may carry IP or SIP and that the kernel does not open: its frames are for tshark."""

    space: int
    """What `number` is: SPACE_ETHERTYPE, SPACE_IP for an IP protocol, SPACE_UDP for a UDP port."""
    number: int
    name: str
    wanted: bool = True
    """False where tshark can do no more than we."""


LEFT_OVER: tuple[LeftOver, ...] = (
    LeftOver(SPACE_ETHERTYPE, 0x22F3, "TRILL"),
    LeftOver(SPACE_ETHERTYPE, 0x8903, "FabricPath"),
    LeftOver(SPACE_ETHERTYPE, 0x88E5, "MACsec", wanted=False),
    LeftOver(SPACE_ETHERTYPE, 0x88E7, "provider backbone bridging"),
    LeftOver(SPACE_ETHERTYPE, 0x893F, "E-tag"),
    LeftOver(SPACE_ETHERTYPE, 0x894F, "NSH"),
    LeftOver(SPACE_ETHERTYPE, 0x883E, "WCCP"),
    LeftOver(SPACE_IP, 50, "ESP", wanted=False),
    LeftOver(SPACE_IP, 55, "minimal encapsulation"),
    LeftOver(SPACE_IP, 97, "EtherIP"),
    LeftOver(SPACE_IP, 108, "IPComp"),
    LeftOver(SPACE_IP, 115, "L2TPv3"),
    LeftOver(SPACE_IP, 132, "SCTP"),
    LeftOver(SPACE_UDP, 925, "AudioCodes debug recording", wanted=False),
    LeftOver(SPACE_UDP, 1701, "L2TP"),
    LeftOver(SPACE_UDP, 3544, "Teredo"),
    LeftOver(SPACE_UDP, 4790, "VXLAN-GPE"),
    LeftOver(SPACE_UDP, 5247, "CAPWAP"),
    LeftOver(SPACE_UDP, 6635, "MPLS over UDP"),
    LeftOver(SPACE_UDP, 37008, "TZSP"),
)


def kernel_rows(link_types: tuple[LinkType, ...] = LINK_TYPES) -> NDArray[Any]:
    """The table as the kernel reads it: rows of (form, at, length), in the order of `link_types`."""
    return np.array([(link.form, link.at, link.length) for link in link_types], dtype=np.int64)


def left_over_rows() -> NDArray[Any]:
    """LEFT_OVER as the kernel reads it: rows of (space, number, wanted, frames so far, first frame)."""
    return np.array([(left.space, left.number, int(left.wanted), 0, 0) for left in LEFT_OVER], dtype=np.int64)


def row_of(number: int, link_types: tuple[LinkType, ...] = LINK_TYPES) -> int:
    """Row of a link type number in `link_types`, -1 where it is not listed."""
    for row, link in enumerate(link_types):
        if link.number == number:
            return row
    return -1


def tshark_may_open(number: int) -> bool:
    """Whether a link type that the kernel does not open may lead to IP or SIP."""
    return number not in WITHOUT_IP


def name_of(number: int, link_types: tuple[LinkType, ...] = LINK_TYPES) -> str:
    """Name of a link type number, such as ETHERNET; LINKTYPE_n for one that is not known at all."""
    row = row_of(number, link_types)
    return link_types[row].name if row >= 0 else OTHER_NAMES.get(number, f"LINKTYPE_{number}")
