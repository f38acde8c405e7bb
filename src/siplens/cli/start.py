"""The command's first moments: a file that is to be ingested is begun with before the command line itself is loaded."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn


def console_script() -> NoReturn:
    """The command `siplens`."""
    gc.set_threshold(50_000, 20, 100)  # a short life, in which modules are loaded and stay: little garbage to look for
    # NumPy would start threads for algebra when it is loaded; nothing here needs them, and they cost a tenth of a second.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.argv[1:2] == ["ingest"]:
        from siplens.pipeline.head_start import begin

        begin(sys.argv[2:])
    from siplens.cli.app import console_script as run

    run()
