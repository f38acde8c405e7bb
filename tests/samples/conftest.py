"""The cases under sample_traces, found by folder, and what tshark says about a capture."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "sample_traces"
CASES = sorted(path.parent for path in SAMPLES.glob("*/expected.csv"))
RECIPES = [case for case in CASES if (case / "recipe.py").exists()]
"""Cases that a recipe writes; the others are captures of the lab, whose bytes nothing gives again."""

sys.path.insert(0, str(SAMPLES))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with the argument `case` runs once per case folder; a module's tests share what they make of a case."""
    if "case" in metafunc.fixturenames:
        cases = RECIPES if "recipe" in metafunc.fixturenames else CASES
        metafunc.parametrize("case", cases, ids=lambda case: case.name, scope="module")


@pytest.fixture
def recipe(case: Path) -> ModuleType:
    """The case's recipe, loaded by its path."""
    spec = importlib.util.spec_from_file_location(f"recipe_{case.name}", case / "recipe.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Packet(NamedTuple):
    """One packet as tshark sees it."""

    frame: int
    protocols: list[str]
    """From the outside in; what a heuristic took for RTP and is STUN has both."""
    complaints: str
    """Warnings and errors of Wireshark's experts, "" without any."""


class Tshark:
    """Wireshark's opinion, with checksums verified, and RTP and RTCP found by their form too."""

    OPTIONS = (
        "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
        "--enable-heuristic", "rtp_udp", "--enable-heuristic", "rtcp_udp", "--enable-heuristic", "stun_udp",
    )  # fmt: skip

    def packets(self, capture: Path) -> list[Packet]:
        """Every packet."""
        rows = self.fields(capture, "frame.number", "frame.protocols", "_ws.expert.severity", "_ws.expert.message")
        return [
            Packet(int(number), protocols.split(":"), message if self._is_serious(severity) else "")
            for number, protocols, severity, message in rows
        ]

    def fields(self, capture: Path, *names: str, only: str = "frame") -> list[list[str]]:
        """The named fields of the packets that the display filter `only` passes; several values are joined by comma."""
        columns = [word for name in names for word in ("-e", name)]
        command = ["tshark", *self.OPTIONS, "-r", str(capture), "-Y", only, "-T", "fields", *columns]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        return [line.split("\t") for line in answer.stdout.splitlines()]

    @staticmethod
    def _is_serious(severities: str) -> bool:
        # 0x200000 is a chat, 0x400000 a note (headers that Wireshark does not know), 0x600000 a warning
        return any(int(severity, 0) >= 0x600000 for severity in severities.split(",") if severity)


@pytest.fixture(scope="session")
def tshark() -> Tshark:
    """Wireshark's opinion, or a skip that says that it is not installed."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed: what Wireshark says about the sample captures is not checked")
    return Tshark()


@pytest.fixture(scope="session")
def all_cases() -> list[Path]:
    """Every case folder."""
    return CASES
