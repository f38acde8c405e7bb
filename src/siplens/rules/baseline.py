"""Baselines: the failures that are known, as a file to keep under version control. A check can then speak of new ones only."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from siplens.errors import SiplensError

_MARK = "siplens_baseline"


def write_baseline_file(path: Path, findings: Iterable[Mapping[str, Any]]) -> int:
    """Writes the failures among `findings`: fingerprint → rule and reason, in order, so that two versions compare well. Says how many."""
    known = {row["fingerprint"]: f"{row['rule_id']}: {row['reason']}" for row in findings if row["status"] == "fail"}
    day = dt.datetime.now(dt.UTC).date().isoformat()
    content = {_MARK: 1, "written": day, "findings": dict(sorted(known.items(), key=lambda item: (item[1], item[0])))}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(known)


def read_baseline(path: Path) -> set[str]:
    """The fingerprints in a baseline file. Raises SiplensError where the file is none."""
    hint = "'siplens check --write-baseline FILE' writes one"
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SiplensError(f"{path}: there is no such baseline", hint) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SiplensError(f"{path}: is not a baseline: JSON was expected", hint) from error
    if not isinstance(content, dict) or content.get(_MARK) != 1 or not isinstance(content.get("findings"), dict):
        raise SiplensError(f"{path}: is not a baseline of siplens", hint)
    return set(content["findings"])
