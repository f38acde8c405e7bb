"""Pseudonyms in what is shown of a database: rows of a query are rewritten as they come, whatever is made of them afterwards.

Queries themselves run on what is stored, so joins and counts are as ever. Names of files, times, durations, ports, methods and status
codes stay; rule documentation is nobody's.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from siplens.errors import SiplensError
from siplens.report.fetch import fetch
from siplens.sip.pseudonyms import Pseudonyms
from siplens.sip.redact_words import Words
from siplens.store import Rows, Store

KEY_VARIABLE = "SIPLENS_REDACT_KEY"
SHORTEST_KEY = 16
"""Bytes."""
_PEOPLE = frozenset({"caller", "called", "from_user", "to_user", "from_display"})
_TOKENS = frozenset({"call_id", "call_id_a", "call_id_b", "reported_call_id", "from_tag", "to_tag", "far_tag", "branch", "session_id"})
_KEPT = frozenset(
    {"sha256", "digest", "fingerprint", "rule_version", "rule_id", "file", "files", "label", "format", "engine", "tool_version"}
)


def words_of(store: Store, key: bytes, call_nos: Sequence[int] | None = None) -> Words:
    """Pseudonyms under `key` that know the names and hosts of these calls (None: of all)."""
    words = Words(Pseudonyms(key))
    for row in fetch(store, "redact_words", call_nos=None if call_nos is None else list(call_nos)):
        words.learn([row["word"]] if row["kind"] == "name" else [], [row["word"]] if row["kind"] == "host" else [])
    return words


def read_key(path: Path | None) -> bytes | None:
    """The key in a file, else in $SIPLENS_REDACT_KEY; None without either. Raises SiplensError for one that is too short."""
    if path is not None:
        try:
            key = path.read_bytes().strip()
        except OSError as error:
            raise SiplensError(f"{path}: the key cannot be read: {error.strerror}", hint="name a file with a secret of your own") from error
    else:
        key = os.environ.get(KEY_VARIABLE, "").encode()
        if not key:
            return None
    if len(key) < SHORTEST_KEY:
        where = path or f"${KEY_VARIABLE}"
        raise SiplensError(
            f"{where}: a key of {SHORTEST_KEY} bytes or more was expected", hint="head -c 24 /dev/urandom | base64 > redact.key"
        )
    return key


def drawn_key() -> bytes:
    """A key that nobody knows."""
    return secrets.token_bytes(32)


class RedactedStore(Store):
    """The store under pseudonyms, for reading."""

    def __init__(self, store: Store, words: Words) -> None:
        super().__init__(store.con, store.path, writable=False)
        self._words = words

    def beside(self) -> Store:
        """The same for another thread, under the same pseudonyms."""
        return RedactedStore(super().beside(), self._words)

    def query(self, sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> Rows:
        """The rows with pseudonyms."""
        columns, rows = super().query(sql, params)
        changes = [self._change(name) for name in columns]
        return Rows(columns, [tuple(change(value) for change, value in zip(changes, row, strict=True)) for row in rows])

    def _change(self, column: str) -> Callable[[Any], Any]:
        if column in _KEPT:
            return lambda value: value
        if column in _PEOPLE:
            return lambda value: self._words.display(value) if isinstance(value, str) else value
        if column in _TOKENS:
            return lambda value: self._words.pseudonyms.token(value) if isinstance(value, str) else value
        if column == "path":
            return lambda value: Path(value).name if isinstance(value, str) else value
        return self._plain

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if value.isdigit() else self._words.text(value)
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if isinstance(value, dict):
            return {name: self._change(name)(item) for name, item in value.items()}
        return value
