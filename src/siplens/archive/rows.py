"""Raw rows without our numbers, so that they can go from one database to another: by the file's hash, and their place in it.

A row id is source_id * 2^32 + ordinal. In a portable row, `sha256` stands for the source and `ordinal` for the rest; a row that
belongs to a message has `message_ordinal`, and one of the configuration has `imported_at` for its snapshot.
"""

from __future__ import annotations

from siplens.records import CONFIGURATION_TABLES, TABLES, Table
from siplens.records.table import ROWS_PER_SOURCE

SNAPSHOT = "config_snapshot"
NAMES = (*TABLES, SNAPSHOT)
"""The tables that travel, in the order in which they must arrive: sources, then what belongs to them."""


def own_columns(table: Table) -> list[str]:
    """Columns that travel as they are: those of the reader. What the writer and the derivation add is made anew."""
    return [column.name for column in table.columns if column.name != table.refers and not (column.name == "ordinal" and table.row_id)]


def day_of(table: Table) -> str:
    """The day that a row `r` of a source `s` belongs to: its own time, else its file's."""
    names = {column.name for column in table.columns}
    own = "r.ts" if "ts" in names else "r.first_ts" if "first_ts" in names else "NULL"
    return f"CAST(coalesce({own}, s.first_ts, s.ingested_at) AS DATE)"


def portable(name: str, database: str) -> str:
    """A query for the rows of one table of an attached database, with the day each belongs to."""
    if name == SNAPSHOT:
        return f'SELECT imported_at, valid_from, label, CAST(imported_at AS DATE) AS day FROM "{database}"."{SNAPSHOT}"'
    table = TABLES[name]
    if name == "source":
        return f'SELECT s.* EXCLUDE (source_id), CAST(coalesce(s.first_ts, s.ingested_at) AS DATE) AS day FROM "{database}".source AS s'
    parts = ["s.sha256"]
    if table.row_id:
        parts.append(f"r.{table.row_id} % {ROWS_PER_SOURCE} AS ordinal")
    if table.refers:
        parts.append(f"r.message_id % {ROWS_PER_SOURCE} AS message_ordinal")
    parts += [f'r."{column}"' for column in own_columns(table)]
    joined = f'"{database}"."{name}" AS r JOIN "{database}".source AS s USING (source_id)'
    if table in CONFIGURATION_TABLES:
        joined += f' JOIN "{database}"."{SNAPSHOT}" AS n USING (snapshot_id)'
        return f"SELECT {', '.join(parts)}, n.imported_at AS snapshot_at, CAST(n.imported_at AS DATE) AS day FROM {joined}"
    if table.refers:
        # A line of an SDP lies with its message.
        joined += f' LEFT JOIN "{database}".message AS m USING (message_id)'
        return f"SELECT {', '.join(parts)}, CAST(coalesce(m.ts, s.first_ts, s.ingested_at) AS DATE) AS day FROM {joined}"
    return f"SELECT {', '.join(parts)}, {day_of(table)} AS day FROM {joined}"


def arriving(name: str, rows: str) -> str:
    """The statement that puts portable rows (a relation) into the open database.

    It looks up sources in `taken` (sha256, source_id, is_new), snapshots in `taken_snapshot` (imported_at, snapshot_id), and leaves
    rows out that are there already.
    """
    table = TABLES[name]
    parts = ["t.source_id"]
    conditions = ["true"]
    if table in CONFIGURATION_TABLES:
        parts.append("n.snapshot_id")
    if table.row_id:
        number = f"t.source_id::BIGINT * {ROWS_PER_SOURCE} + p.ordinal"
        parts.append(f"{number} AS {table.row_id}")
        conditions.append(f'{number} NOT IN (SELECT {table.row_id} FROM "{name}")')
    if table.refers:
        parts.append(f"t.source_id::BIGINT * {ROWS_PER_SOURCE} + p.message_ordinal AS message_id")
    if not table.row_id:
        conditions.append(_not_there(table))
    parts += [f'p."{column}"' for column in own_columns(table)]
    joined = f"{rows} AS p JOIN taken AS t USING (sha256)"
    if table in CONFIGURATION_TABLES:
        joined += " JOIN taken_snapshot AS n ON p.snapshot_at = n.imported_at"
    return f'INSERT INTO "{name}" BY NAME SELECT {", ".join(parts)} FROM {joined} WHERE {" AND ".join(conditions)}'


def _not_there(table: Table) -> str:
    """The condition under which a row without a number of its own is not there yet: by its message, its frame or line, else its file."""
    if table in CONFIGURATION_TABLES:
        return "n.is_new"
    by_source = f't.source_id NOT IN (SELECT source_id FROM "{table.name}")'
    if table.refers:
        number = f"t.source_id::BIGINT * {ROWS_PER_SOURCE} + p.message_ordinal"
        known = f'{number} NOT IN (SELECT message_id FROM "{table.name}" WHERE message_id IS NOT NULL)'
        return known if table.refers_always else f"coalesce({known}, {by_source})"
    names = {column.name for column in table.columns}
    place = next((column for column in ("frame", "line") if column in names and table.name != "capture_health"), None)
    return f'(t.source_id, p.{place}) NOT IN (SELECT (source_id, {place}) FROM "{table.name}")' if place else by_source
