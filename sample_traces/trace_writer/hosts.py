"""Hosts: a name for the reader, an address for the packets."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True)
class Host:
    """One machine. `fqdn` is what logs and SIP text call it; the MAC address is made from the IP address."""

    name: str
    ip: str
    fqdn: str = ""

    @property
    def packed(self) -> bytes:
        """The address in network order: 4 or 16 bytes."""
        return ipaddress.ip_address(self.ip).packed

    @property
    def mac(self) -> bytes:
        """A locally administered unicast address: 02 06 or 02 04, then the last four bytes of the IP address."""
        return bytes([0x02, 0x06 if len(self.packed) == 16 else 0x04]) + self.packed[-4:]


Endpoint = tuple[Host, int]
"""A host and a port."""
