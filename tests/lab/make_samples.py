"""Makes the sample traces that come from the lab: `python tests/lab/make_samples.py`, as root.

Unlike a recipe's, their bytes differ each time: real programs made them. Taken are the trunk's capture and the server's log; the
capture is written as plain pcap (nanoseconds), for dumpcap's pcapng names the machine it ran on.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kinds import KINDS
from plan import deal
from run_lab import missing, run

SAMPLES = Path(__file__).resolve().parents[2] / "sample_traces"
CASES = {
    "lab_forks": ("cancelled", "PRACK refused", "later forks ignored", "wrong endpoint"),
    "lab_refusals": ("bypassed", "endpoint refused", "media rejected", "one-way"),
}
"""Kinds of calls by case, one call each, in the order of KINDS."""


def make(case: str) -> list[str]:
    """One case, beside the others; returns what did not go as told."""
    calls = deal(0, [kind for kind in KINDS if kind.name in CASES[case]])[: len(CASES[case])]
    with tempfile.TemporaryDirectory() as name:
        ran = Path(name)
        complaints = run(ran, calls)
        target = SAMPLES / case
        target.mkdir(exist_ok=True)
        subprocess.run(["editcap", "-F", "nsecpcap", str(ran / "trunk.pcapng"), str(target / "capture.pcap")], check=True)
        for source, copy in (("mediation.log", "server.log"), ("config.yaml", "config.yaml")):
            shutil.copyfile(ran / source, target / copy)
    return complaints


if __name__ == "__main__":
    if reason := missing():
        sys.exit(reason)
    sys.exit("\n".join(line for case in CASES for line in make(case)) or 0)
