"""The table of ms-diagnostics ids and what they mean for bypass: shipped with siplens, and lines of the user's own that go before it."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa

from siplens.errors import ConfigurationError
from siplens.resources import PACKAGE
from siplens.settings import find_settings
from siplens.store import Store

SHIPPED = PACKAGE / "data" / "diagnostic_ids.csv"
COLUMNS = ("first_id", "last_id", "meaning", "status", "bypass", "bypass_status")
_STATUS = ("verified", "inferred", "unconfirmed", "")
_SCHEMA = pa.schema(
    [("first_id", pa.int32()), ("last_id", pa.int32()), *((name, pa.string()) for name in COLUMNS[2:]), ("from_user", pa.bool_())]
)


def tables() -> list[Path]:
    """The files that hold the table: the shipped one, and the user's that `diagnostic_ids` of [logs] in siplens.toml names."""
    settings = find_settings()
    own = settings.table("logs").take("diagnostic_ids", str, "")
    return [SHIPPED, *([settings.folder / own] if own else [])]


def fill_meanings(store: Store) -> None:
    """Makes the table `diagnostic_meaning` what the files say now."""
    rows = [row | {"from_user": path != SHIPPED} for path in tables() for row in read_ids(path)]
    store.con.register("ids_read", pa.Table.from_pylist(rows, schema=_SCHEMA))
    try:
        store.con.execute("DELETE FROM diagnostic_meaning")
        store.con.execute("INSERT INTO diagnostic_meaning BY NAME SELECT * FROM ids_read")
    finally:
        store.con.unregister("ids_read")


def read_ids(path: Path) -> list[dict[str, object]]:
    """Rows of one file. Raises ConfigurationError with file and line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := [name for name in COLUMNS[:3] if name not in (reader.fieldnames or ())]:
                raise ConfigurationError(f"{path}:1: lacks the column {missing[0]}; the columns are {', '.join(COLUMNS)}")
            return [_row(path, reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}", hint="see diagnostic_ids of [logs] in siplens.toml") from error


def _row(path: Path, line: int, row: dict[str, str | None]) -> dict[str, object]:
    texts = {name: (row.get(name) or "").strip() for name in COLUMNS}
    first, last = texts["first_id"], texts["last_id"] or texts["first_id"]
    if not (first.isdigit() and last.isdigit() and int(first) <= int(last) < 1 << 31):
        raise ConfigurationError(
            f"{path}:{line}: first_id and last_id are {first!r} and {last!r}; two numbers were expected, the smaller first"
        )
    for name in ("status", "bypass_status"):
        if texts[name] not in _STATUS:
            raise ConfigurationError(f"{path}:{line}: {name} is {texts[name]!r}", hint="use verified, inferred or unconfirmed")
    known = {name: texts[name] or None for name in COLUMNS[2:]}
    return {"first_id": int(first), "last_id": int(last), **known}
