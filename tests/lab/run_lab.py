"""Runs the lab: makes the networks, starts every party, lets the calls happen, and writes what the taps saw.

    python tests/lab/run_lab.py FOLDER [CALLS] [--kinds NAME …]

FOLDER then holds one pcapng per capture point, mediation.log (CLS text of the client leg), config.yaml, and calls.csv: what
every party was told to do. As root, with sipp, iproute2, nft and dumpcap.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "sample_traces")]

from kinds import DROPPED, GATEWAYS, KINDS, MERGING, REJECTED, STUBBORN, Gateway  # noqa: E402
from network import MEDIATION, PBX, PBX_MEDIA, SBC, Network, gateway_ip, gateway_media_ip, network  # noqa: E402
from papers import write_papers  # noqa: E402
from parties import TALK_MS, callee, caller, endpoint  # noqa: E402
from plan import (  # noqa: E402
    CALLED_NUMBER,
    CALLED_USER,
    CALLERS_OF_SITE,
    CLIENT_PORT,
    ENDPOINT_PORTS,
    PEER_PORT,
    LabCall,
    bypass_id_of,
    callers_of,
    deal,
    endpoint_ip,
    sbc_settings,
    server_settings,
)
from scenario import CLIENT, PEER, Scenario  # noqa: E402
from trace_writer import Capture, Host  # noqa: E402

PROGRAMS = ("sipp", "ip", "nft", "dumpcap")
CALLS_PER_SECOND = 14
SIGNALLING_ONLY = "tcp or (udp and portrange 5000-5999)"

_EXPECTED = re.compile(
    r"The following events occurred:\n?|[-\d]+\s[:.\d]+\s[.\d]+: Call-Id: \S+, receive timeout on message [^:]+:\d+, jumping to label \d"
    r"|[-\d]+\s[:.\d]+\s[.\d]+: Overload warning: the minor watchdog timer \d+ms has been tripped \(\d+\), \d+ trips remaining\."
)
"""What SIPp calls an error and is none: nothing came, as the scenario meant; the machine was busy for half a second."""

POINTS = {
    "both": ("router", ["r-client", "r-peer", "r-sbc"], ""),
    "trunk": ("router", ["r-peer", "r-sbc"], ""),
    "client": ("router", ["r-client"], ""),
    "server": ("router", ["r-med"], ""),
    "span": ("router", ["r-client", "r-peer", "r-sbc"], SIGNALLING_ONLY),
    "behind": ("sbc", ["s-pbx"], ""),
}
"""Capture points: both sides; the trunk; the client side; the Mediation Server's own link; a span of signalling without media;
behind the SBC that merges early dialogs. Namespace, links, and what is let in."""


def missing() -> str | None:
    """Why the lab cannot run here, or None."""
    if os.name != "posix" or os.geteuid() != 0:
        return "the lab of real calls needs root: it makes network namespaces"
    lacking = [program for program in PROGRAMS if shutil.which(program) is None]
    if lacking:
        return f"the lab of real calls needs {', '.join(lacking)} (Debian: sip-tester, iproute2, nftables, wireshark-common)"
    probe = subprocess.run(["ip", "netns", "add", f"siplens-probe-{os.getpid()}"], capture_output=True, text=True, check=False)
    if probe.returncode:
        return f"the lab of real calls needs network namespaces, and this system has none to give: {probe.stderr.strip()}"
    subprocess.run(["ip", "netns", "delete", f"siplens-probe-{os.getpid()}"], check=True)
    return None


@dataclass
class Lab:
    """One run: its folder, its calls, its processes."""

    folder: Path
    calls: list[LabCall]
    seconds: float
    """How long callers go on beginning calls."""
    network: Network
    complaints: list[str] = field(default_factory=list)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _callers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 5100))
    _media_ports: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 10_000))
    _started: int = 0

    @property
    def work(self) -> Path:
        """Scenarios, settings and error files."""
        path = self.folder / "work"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _start(self, place: str, *command: str, output: Path | None = None) -> subprocess.Popen[bytes]:
        with (output or Path(os.devnull)).open("wb") as sink:
            process = subprocess.Popen(
                self.network.inside(place, *command), cwd=self.work, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
            )  # fmt: skip
        self._running.append(process)
        return process

    def tap(self) -> None:
        """Starts dumpcap at every capture point, and waits until each captures."""
        files = []
        for point, (place, links, only) in POINTS.items():
            path = self.folder / f"{point}.pcapng"
            options = [word for link in links for word in ("-i", link)]
            self._start(place, "dumpcap", "-q", "-B", "16", *(["-f", only] if only else []), *options, "-w", str(path))
            files.append(path)
        _wait_for(lambda: all(path.exists() and path.stat().st_size > 100 for path in files), "dumpcap does not begin to capture")

    def serve(self) -> None:
        """Starts the Mediation Server and the SBC."""
        for place, settings in (
            ("med", server_settings(self.calls, self.work / "med.jsonl")),
            ("sbc", sbc_settings(self.calls, self.work / "sbc.jsonl")),
        ):
            path = self.work / f"{place}.json"
            path.write_text(json.dumps(settings), encoding="utf-8")
            program = str(HERE / "programs" / "mediation_server.py")
            self._start(place, sys.executable, program, str(path), output=self.work / f"{place}.err")

    def _sound(self, name: str) -> str:
        """RTP for SIPp to play, with an SSRC of its own for each party."""
        self._started += 1
        path = self.work / f"{name}.pcap"
        capture = Capture("2026-03-02 09:00:00")
        seconds, ssrc = TALK_MS / 1000, 0x51A90000 + self._started
        capture.rtp(
            0.0, (Host("a", "10.0.0.1"), 50000), (Host("b", "10.0.0.2"), 20000), seconds=seconds, ssrc=ssrc, seq=1000 + self._started
        )
        capture.write(path)
        return str(path)

    def _sipp(
        self, place: str, scenario: Scenario, ip: str, media_ip: str, transport: str, *more: str, port: int | None = None
    ) -> subprocess.Popen[bytes]:
        name = Path(scenario.sound).stem
        path = self.work / f"{name}.xml"
        path.write_text(scenario.xml, encoding="utf-8")
        if port is None:
            self._ports[ip] += 1
            port = self._ports[ip]
        media_port = self._media_ports[media_ip]
        self._media_ports[media_ip] += 4 * len(self.calls) + 16
        return self._start(
            place, "sipp", *more, "-sf", str(path), "-i", ip, "-p", str(port), "-mi", media_ip, "-mp", str(media_port),
            "-t", "t1" if transport == "tcp" else "u1", "-nostdin", "-trace_err", "-error_file", str(self.work / f"{name}.err"),
        )  # fmt: skip

    def answer(self) -> None:
        """Starts everyone who is called."""
        for kind in {(kind.gateway, kind.callee, kind.port): kind for kind in KINDS if kind.callee}.values():
            gateway = kind.gateway
            scenario = callee(kind.callee, self._sound(f"{gateway.name}-{kind.port}"))
            self._sipp("peer", scenario, gateway_ip(gateway.number), gateway_media_ip(gateway.number), gateway.transport, port=kind.port)
        for place, name in sorted({(place, name) for kind in KINDS for place, name in enumerate(kind.endpoints)}):
            ip = endpoint_ip(place)
            scenario = endpoint(name, place, self._sound(f"endpoint-{place}-{name}"))
            self._sipp("client", scenario, ip, ip, "tcp", port=ENDPOINT_PORTS[name])

    def call(self) -> None:
        """Starts everyone who calls, each with his calls spread over the run."""
        for n, ((inviting, client, gateway, told), calls) in enumerate(callers_of(self.calls).items()):
            if told.startswith("stubborn"):
                self._call_stubbornly(n, told, calls)
                continue
            name = f"caller-{n}"
            values = self.work / f"{name}.csv"
            user, number, _, subnet = CALLERS_OF_SITE.get(client, (CALLED_USER, CALLED_NUMBER, "", ""))
            lines = [f"{call.number};{user};{number};{bypass_id_of(call)};{subnet}\n" for call in calls]
            values.write_text("".join(["SEQUENTIAL\n", *lines]), encoding="utf-8")
            scenario = caller(told, CLIENT if inviting == "client" else PEER, self._sound(name))
            rate = ["-m", str(len(calls)), "-r", str(len(calls)), "-rp", str(int(self.seconds * 1000)), "-inf", str(values)]
            if inviting == "client":
                process = self._sipp("client", scenario, client, client, "tcp", f"{MEDIATION}:{CLIENT_PORT}", *rate)
            elif gateway is MERGING:
                process = self._sipp("pbx", scenario, PBX, PBX_MEDIA, "udp", f"{SBC}:{PEER_PORT}", *rate)
            else:
                assert gateway is not None
                ip, media_ip = gateway_ip(gateway.number), gateway_media_ip(gateway.number)
                process = self._sipp("peer", scenario, ip, media_ip, gateway.transport, f"{MEDIATION}:{PEER_PORT}", *rate)
            self._callers[f"{told} ({name})"] = process

    def _call_stubbornly(self, n: int, told: str, calls: list[LabCall]) -> None:
        ip = gateway_ip(STUBBORN.number)
        self._ports[ip] += 1
        settings = {
            "ip": ip, "port": self._ports[ip], "media_ip": gateway_media_ip(STUBBORN.number),
            "server": [MEDIATION, PEER_PORT], "talk_s": TALK_MS / 1000,
            "calls": [
                {"number": call.number, "called": CALLED_NUMBER, "call_id": f"sp{n}-{i}@stubborn.contoso.example",
                 "after_s": i * self.seconds / len(calls), "media_port": 20_000 + 2000 * n + 4 * i, "stays": "stays" in told}
                for i, call in enumerate(calls)
            ],
        }  # fmt: skip
        path = self.work / f"caller-{n}.json"
        path.write_text(json.dumps(settings), encoding="utf-8")
        program = str(HERE / "programs" / "stubborn_peer.py")
        self._callers[f"{told} (caller-{n})"] = self._start(
            "peer", sys.executable, program, str(path), output=self.work / f"caller-{n}.err"
        )

    def wait(self) -> None:
        """Until every caller has made his calls; who did not do as told is a complaint."""
        deadline = time.monotonic() + self.seconds + 45
        for name, process in self._callers.items():
            try:
                status = process.wait(max(1.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.complaints.append(f"{name} did not end")
                continue
            if status:
                self.complaints.append(f"{name} ended with status {status}")

    def stop(self) -> None:
        """Ends every process that was started here."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGINT if process.args[4] == "dumpcap" else signal.SIGTERM)  # type: ignore[index]
        for process in self._running:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for path in sorted(self.work.glob("*.err")):
            if text := _EXPECTED.sub("", path.read_text(errors="replace")).strip():
                self.complaints.append(f"{path.name}: {text[:2000]}")


def _wait_for(ready: object, otherwise: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not ready():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(0.05)


def addresses() -> dict[str, list[str]]:
    """Every address of every place, with its mask."""
    clients = [f"{ip}/16" for ip in (*{kind.client for kind in KINDS}, *(endpoint_ip(place) for place in range(20)))]
    peers = [f"{make(gateway.number)}/16" for gateway in GATEWAYS for make in (gateway_ip, gateway_media_ip)]
    return {"client": sorted(clients), "med": [f"{MEDIATION}/24"], "peer": peers, "pbx": [f"{PBX}/24", f"{PBX_MEDIA}/24"]}


def _media_of(*gateways: Gateway) -> list[str]:
    return [gateway_media_ip(gateway.number) for gateway in gateways]


def run(folder: Path, dealt: list[LabCall]) -> list[str]:
    """One run of these calls into the folder; returns what did not go as told."""
    folder = folder.resolve()
    with network(addresses(), dropped=_media_of(DROPPED), rejected=_media_of(REJECTED)) as made:
        lab = Lab(folder, dealt, max(3.0, len(dealt) / CALLS_PER_SECOND), made)
        try:
            lab.tap()
            lab.serve()
            lab.answer()
            time.sleep(2.0)
            lab.call()
            lab.wait()
            time.sleep(1.0)
        finally:
            lab.stop()
    write_papers(folder, dealt, lab.work / "med.jsonl")
    return lab.complaints


if __name__ == "__main__":
    if reason := missing():
        sys.exit(reason)
    begun = time.monotonic()
    arguments = argparse.ArgumentParser(description="Real calls in network namespaces, captured by dumpcap.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("calls", type=int, nargs="?", default=0, help="at least so many; every kind once, at least")
    arguments.add_argument("--kinds", nargs="+", choices=[kind.name for kind in KINDS], help="these kinds only")
    asked = arguments.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    chosen = [kind for kind in KINDS if not asked.kinds or kind.name in asked.kinds]
    problems = run(asked.folder, deal(asked.calls, chosen))
    sys.stdout.write("\n".join([*problems, f"{time.monotonic() - begun:.1f} s", ""]))
