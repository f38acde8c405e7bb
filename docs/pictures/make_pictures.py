"""Makes the README's pictures from the sample traces: make pictures

The ladder is SVG, as `siplens call -o` writes it. The report is a picture of the page's beginning, taken by Chromium without a screen.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from siplens.cli.app import main as siplens
from siplens.resources import shipped_folder

HERE = Path(__file__).resolve().parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--headless", "--disable-gpu", "--no-sandbox", "--hide-scrollbars", "--no-first-run", "--disable-background-networking")
LADDER, REPORT = ("forked_cancelled", "1"), "direct_media_refused"
WINDOW = (1100, 1000)
"""Pixels of the report that are shown."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=HERE, help="the folder of the pictures")
    folder: Path = parser.parse_args().output
    with tempfile.TemporaryDirectory() as scratch:
        case, call = LADDER
        run("call", call, "-o", str(folder / "ladder.svg"), "--db", str(judged(case, Path(scratch))))
        page = Path(scratch) / "report.html"
        run("report", "-o", str(page), "--title", "Media bypass report", "--db", str(judged(REPORT, Path(scratch))))
        browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
        if browser is None:
            sys.exit(f"the picture of the report is left as it was: none of {', '.join(BROWSERS)} is installed")
        picture = f"--screenshot={folder / 'report.png'}"
        profile = f"--user-data-dir={Path(scratch) / 'profile'}"
        size = f"--window-size={WINDOW[0]},{WINDOW[1]}"
        subprocess.run([browser, *FLAGS, profile, size, picture, page.as_uri()], check=True, timeout=120, capture_output=True)
    for picture_file in (folder / "ladder.svg", folder / "report.png"):
        print(f"{picture_file} {picture_file.stat().st_size / 1000:.0f} kB", file=sys.stderr)


def judged(case: str, folder: Path) -> Path:
    """A sample trace, ingested, configured and judged."""
    source, database = shipped_folder("sample_traces") / case, folder / f"{case}.duckdb"
    run("ingest", str(source / "capture.pcap"), "--db", str(database))
    run("config", "import", str(source / "config.yaml"), "--db", str(database))
    run("check", "--fail-on", "never", "--db", str(database))
    return database


def run(*arguments: str) -> None:
    if status := siplens(list(arguments)):
        sys.exit(f"siplens {' '.join(arguments)} ended with {status}")


if __name__ == "__main__":
    main()
