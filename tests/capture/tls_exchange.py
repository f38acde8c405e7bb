"""A conversation over TLS, spoken by OpenSSL itself, as a capture: what tests of decryption read."""

from __future__ import annotations

import shutil
import ssl
import struct
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from siplens.resources import shipped_folder

sys.path.insert(0, str(shipped_folder("sample_traces")))

if TYPE_CHECKING:
    from trace_writer.capture import Capture

CLIENT, SERVER = "client", "server"


@dataclass(frozen=True)
class Exchange:
    """A capture of TLS, and the key log that its client wrote."""

    capture: Path
    keylog: Path

    def secrets(self) -> list[bytes]:
        """The secrets of the key log, as it spells them."""
        return [line.split()[2] for line in self.keylog.read_bytes().splitlines() if not line.startswith(b"#")]


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate and its key; the test is skipped where there is no openssl to make it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command, which makes the certificate, is not installed")
    cert, key = folder / "cert.pem", folder / "key.pem"
    if not cert.exists():
        made = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        subprocess.run([*made, "-subj", "/CN=sip.contoso.example", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def exchange(
    folder: Path,
    turns: Iterable[tuple[str, bytes]],
    *,
    port: int = 5061,
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    suffix: str = ".pcap",
) -> Exchange:
    """Lets a client and a server at `port` say `turns` (who, what) to each other over TLS."""
    cert, key = certificate(folder)
    keylog = folder / "keys.log"
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode, client.keylog_filename = False, ssl.CERT_NONE, str(keylog)
    client.maximum_version = version
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    wires = {CLIENT: ssl.MemoryBIO(), SERVER: ssl.MemoryBIO()}
    ends = {
        CLIENT: client.wrap_bio(wires[SERVER], wires[CLIENT]),
        SERVER: server.wrap_bio(wires[CLIENT], wires[SERVER], server_side=True),
    }
    sent: list[tuple[str, bytes]] = []
    waiting = [CLIENT, SERVER]
    while waiting:
        for who in list(waiting):
            try:
                ends[who].do_handshake()
                waiting.remove(who)
            except ssl.SSLWantReadError:
                pass
            sent += _carried(wires, who)
    for who, text in turns:
        ends[who].write(text)
        sent += _carried(wires, who)
        assert ends[SERVER if who == CLIENT else CLIENT].read(1 << 16) == text
    path = folder / f"tls{suffix}"
    _capture(sent, port).write(path)
    return Exchange(path, keylog)


def _carried(wires: dict[str, ssl.MemoryBIO], who: str) -> list[tuple[str, bytes]]:
    """Takes what `who` wrote off its wire, notes it, and lays it back for the other to read."""
    data = wires[who].read()
    wires[who].write(data)
    return [(who, data)] if data else []


def _capture(sent: Iterable[tuple[str, bytes]], port: int) -> Capture:
    from trace_writer.capture import Capture
    from trace_writer.hosts import Host

    hosts = {CLIENT: Host(CLIENT, "10.3.0.51"), SERVER: Host(SERVER, "10.1.0.10")}
    capture = Capture("2026-03-02 09:00:00")
    stream = capture.connect(0.0, (hosts[CLIENT], 50201), (hosts[SERVER], port))
    for number, (who, data) in enumerate(sent, 1):
        stream.send(number * 0.01, hosts[who], data, segment_bytes=500)
    return capture


def with_secrets(found: Exchange) -> Path:
    """A copy of a pcapng with the key log inside, in a Decryption Secrets Block behind the section header."""
    whole, keys = found.capture.read_bytes(), found.keylog.read_bytes()
    header = struct.unpack_from("<I", whole, 4)[0]
    padded = keys + bytes(-len(keys) % 4)
    size = struct.pack("<I", 20 + len(padded))
    block = struct.pack("<I", 10) + size + struct.pack("<II", 0x544C534B, len(keys)) + padded + size
    path = found.capture.with_name("secrets.pcapng")
    path.write_bytes(whole[:header] + block + whole[header:])
    return path
