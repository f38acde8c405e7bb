"""What a database holds, apart from the order in which its files came: for tests that reach it on several ways."""

from __future__ import annotations

from siplens.records import CONFIGURATION_TABLES, TABLES
from siplens.store import Store

Rows = dict[str, list[tuple[object, ...]]]


def raw_rows(store: Store) -> Rows:
    """All raw rows by the hash of their file, without our numbers, times of ingest, and which observation counts as the copy."""
    left_out = ["source_id", "path", "label", "ingested_at", "same_as", "is_duplicate"]
    found = {}
    for table in TABLES.values():
        if table in CONFIGURATION_TABLES:
            continue
        columns = store.query(f"select column_name from duckdb_columns() where table_name = '{table.name}'").rows
        kept = ", ".join(f'r."{name}"' for (name,) in columns if name not in (*left_out, table.row_id, "message_id"))
        number = f'r."{table.row_id or "source_id"}" % (1::bigint << 32)' if table.row_id else "0"
        found[table.name] = store.query(
            f'select s.sha256, {number} as ordinal, {kept} from "{table.name}" as r join source as s using (source_id) order by all'
        ).rows
    return found


def derived_rows(store: Store) -> Rows:
    """What the files mean: calls, their streams and findings, known by fingerprint."""
    return {
        "call": store.query("select * exclude (call_no, sources, client_leg_id, peer_leg_id, other_leg_id) from call order by all").rows,
        "call_flow": store.query(
            "select fingerprint, sha256, flow_id % (1::bigint << 32), from_role, to_role, matched_by "
            "from call_flow join call using (call_no) join source using (source_id) order by all"
        ).rows,
        "finding": store.query("select fingerprint, rule_id, status, reason from finding where resolved_at is null order by all").rows,
    }
