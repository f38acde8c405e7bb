"""The pyshark engine: SIP as Wireshark's dissectors see it, also inside TLS and secure WebSocket where keys are at hand.

The only module that knows pyshark. Its strings end here: `sightings` gives typed values.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyshark
from pyshark.capture.capture import TSharkCrashException

from siplens.errors import UnreadableFileError

TLS_PORTS = (5061, 5067)
"""TCP ports on which TLS carries SIP: RFC 3261's, and the one on which a Mediation Server listens for gateways."""

_FILTER = f"""(sip.Request-Line or sip.Status-Line or (tls and tcp.port in {{{", ".join(map(str, TLS_PORTS))}}}))
 and not icmp and not icmpv6"""
"""SIP that an ICMP error quotes was not seen a second time."""
_SHOWN = "frame ip ipv6 tcp udp sctp"
"""Protocols whose fields tshark spells out. Of the others it gives the bytes, and that is all we want of SIP."""
_PREFERENCES = {"tcp.reassemble_out_of_order": "TRUE"}
_NEED_WIRESHARK = frozenset(("tls", "dtls", "sctp", "udplite", "esp"))
"""Protocols between IP and SIP that the kernel does not open."""
_START_LINE = re.compile(rb"SIP/|[^\r\n]* SIP/")
"""Wireshark also calls SIP what follows a message whose end it missed: a continuation, without a start line."""
_DECODE_AS = {f"tls.port=={port}": "sip" for port in TLS_PORTS}


class Hop(NamedTuple):
    """Between whom a frame went; addresses in canonical text."""

    src_ip: str | None
    src_port: int | None
    dst_ip: str | None
    dst_port: int | None


class Sighting(NamedTuple):
    """A frame with SIP, or with TLS on a port of SIP. Where no key opened it, `messages` is empty."""

    frame: int
    ts_us: int | None
    """Microseconds since 1970, UTC."""
    hop: Hop
    transport: str
    messages: list[bytes]


def find_tshark() -> str:
    """Where tshark is. Raises UnreadableFileError where it is not installed."""
    path = shutil.which("tshark")
    if path is None:
        raise UnreadableFileError(
            "the Wireshark engine needs tshark, which is not installed here",
            hint="install Wireshark's tshark, or leave --engine and --keylog out: siplens reads captures without it",
        )
    return path


def sightings(path: Path, keylog: Path | None = None) -> Generator[Sighting, None, str | None]:
    """SIP in a capture, frame by frame; `keylog` is a TLS key log (NSS format) that tshark reads for itself.

    Secrets inside a pcapng are used without being asked. The generator's return value says why tshark stopped before the
    capture's end, None where it did not. Raises UnreadableFileError.
    """
    with _capture(path, keylog, _FILTER) as capture:
        with closing(iter(capture)) as packets:
            for packet in packets:
                yield _sighting(packet)
        return capture.problem


def unwrapped(path: Path) -> Iterator[tuple[Sighting, bytes | None]]:
    """What is in frames that the kernel left over: of each, the IP packet inside its tunnel, else None, and its SIP then.

    Raises UnreadableFileError.
    """
    with _capture(path, None, "ip or ipv6 or sip") as capture:
        with closing(iter(capture)) as packets:
            for packet in packets:
                yield _sighting(packet), _inner_packet(packet)
        if capture.problem:
            raise UnreadableFileError(f"tshark stopped within what it was asked to open: {capture.problem}")


def _inner_packet(packet: Any) -> bytes | None:
    """The innermost IP packet in a frame; None where something between it and SIP, such as TLS or SCTP, needs Wireshark."""
    protocols = str(packet.frame_info.get_field("frame.protocols")).split(":")
    # What an ICMP error quotes was not sent here, and what follows SIP is its body.
    end = min(protocols.index(name) + 1 for name in ("icmp", "icmpv6", "sip", protocols[-1]) if name in protocols)
    way = protocols[:end]
    place = max((at for at, name in enumerate(way) if name in ("ip", "ipv6")), default=-1)
    if place < 0 or _NEED_WIRESHARK.intersection(way[place:]):
        return None
    name = way[place]
    headers = _raw(packet, name)[: way[: place + 1].count(name)]
    frame = bytes.fromhex(packet["frame_raw"].value)
    start = 0
    for header in headers:
        start = frame.find(header, start)
        if start < 0:
            # Put together from several frames, or decrypted: it is not in this one.
            return None
    return frame[start:] if headers else None


def _raw(packet: Any, name: str) -> list[bytes]:
    """Bytes of all layers of that name. tshark gives [hex, position, …] for one layer, a list of such for several."""
    if f"{name}_raw" not in packet:
        return []
    layer = packet[f"{name}_raw"]
    # pyshark takes every list for a list of layers: of [[hex, …], [hex, …]] it unpacks all but the first.
    written = [layer.value[0], *[one.value for one in layer.duplicate_layers]] if isinstance(layer.value, list) else [layer.value]
    return [bytes.fromhex(text) for text in written]


def _sighting(packet: Any) -> Sighting:
    protocols = str(packet.frame_info.get_field("frame.protocols")).split(":")
    # What follows SIP is its body.
    way = protocols[: protocols.index("sip")] if "sip" in protocols else protocols
    return Sighting(int(packet.number), _microseconds(packet.sniff_timestamp), _hop(packet, way), _transport(way), _messages(packet))


def _messages(packet: Any) -> list[bytes]:
    """Bytes of all SIP messages in a frame."""
    return [text for text in _raw(packet, "sip") if _START_LINE.match(text)]


def _hop(packet: Any, way: list[str]) -> Hop:
    """The innermost addresses and ports: in a tunnel, those of the packet it carries."""
    network, ports = _innermost(packet, way, ("ip", "ipv6")), _innermost(packet, way, ("tcp", "udp", "sctp"))
    return Hop(
        _address(network, "src"),
        _number(ports, "srcport"),
        _address(network, "dst"),
        _number(ports, "dstport"),
    )


def _innermost(packet: Any, way: list[str], names: tuple[str, ...]) -> Any:
    name = next((name for name in reversed(way) if name in names), None)
    if name is None or name not in packet:
        return None
    layer = packet[name]
    # Wireshark shows a layer for every chunk of an SCTP packet; the first alone has ports.
    told = [one for one in (layer, *layer.duplicate_layers) if name != "sctp" or one.has_field("srcport")]
    return told[-1] if told else None


def _address(layer: Any, field: str) -> str | None:
    return None if layer is None else str(ipaddress.ip_address(str(layer.get_field(f"{layer.layer_name}.{field}"))))


def _number(layer: Any, field: str) -> int | None:
    return None if layer is None else int(layer.get_field(f"{layer.layer_name}.{field}"))


def _transport(way: list[str]) -> str:
    """Transport in the words of `message.transport`."""
    secure = "tls" in way
    if "websocket" in way:
        return "wss" if secure else "ws"
    carrier = next((name for name in reversed(way) if name in ("tcp", "udp", "sctp")), "udp")
    return "tls" if secure else carrier


def _microseconds(epoch: str) -> int | None:
    """Microseconds out of tshark's seconds with up to nine decimals; what is finer is cut off, as in the packet kernel."""
    seconds, _, decimals = epoch.partition(".")
    if not seconds:
        return None
    return int(Decimal(epoch).scaleb(6).to_integral_value(ROUND_FLOOR)) if decimals else int(seconds) * 1_000_000


class _Capture(pyshark.FileCapture):  # type: ignore[misc]  # pyshark has no type hints
    """A FileCapture that lets tshark end by itself: killed at the end of its output, it could not tell whether all went well."""

    problem: str | None = None
    """Why tshark stopped before the end of the file."""

    async def _cleanup_subprocess(self, process: asyncio.subprocess.Process) -> None:
        if not self._eof_reached:
            await super()._cleanup_subprocess(process)
        elif await process.wait():
            await asyncio.gather(*self._stderr_handling_tasks)
            self.problem = str(self._last_error_line or f"tshark ended with status {process.returncode}")


@contextmanager
def _capture(path: Path, keylog: Path | None, display_filter: str) -> Iterator[_Capture]:
    """A FileCapture on an event loop of its own, both closed at the end."""
    preferences = dict(_PREFERENCES)
    if keylog is not None:
        preferences["tls.keylog_file"] = str(keylog.resolve())
    loop = asyncio.new_event_loop()
    try:
        capture = _Capture(
            str(path.resolve()),  # a path that begins with a minus sign would be an option
            keep_packets=False,
            display_filter=display_filter,
            tshark_path=find_tshark(),
            use_json=True,
            include_raw=True,
            eventloop=loop,
            override_prefs=preferences,
            decode_as=_DECODE_AS,
            custom_parameters=["-j", _SHOWN],
        )
        try:
            yield capture
        finally:
            capture.close()
            loop.run_until_complete(asyncio.sleep(0))  # lets the pipes' transports close
    except (TSharkCrashException, UnicodeDecodeError, ValueError, KeyError) as error:
        raise UnreadableFileError(f"{path}: what tshark says of it cannot be read: {error}") from error
    finally:
        loop.close()
