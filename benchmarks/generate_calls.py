"""Makes a database of many calls: python benchmarks/generate_calls.py --calls 1000000 -o calls.duckdb

The sample traces are ingested, configured and judged once; every raw and derived row of them, and every finding, is then copied
as often as needed, by SQL: numbers and fingerprints shifted so that each copy is a call of its own, times moved on, gateways
and clients spread over many addresses. What comes out is what siplens itself would have stored of that much traffic.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from siplens.pipeline.configure import import_configuration
from siplens.pipeline.derive import bypass_files, decide, sql_digest
from siplens.pipeline.ingest import ingest_paths
from siplens.records import CONFIGURATION_TABLES
from siplens.report.samples import inputs, sample_cases
from siplens.rules import judge
from siplens.store import Store, open_store

STRIDE = 4096
"""Rows of one source in one copy: more than any sample trace has messages or flows."""
FRAMES = 4096
SECONDS_APART = 70
"""Time between two copies; a million calls of the samples take some 30 days."""
PEERS = 40
CLIENT_SUBNETS = 200
ROW_NUMBERS = re.compile(
    r"(message|leg|dialog|flow|invite|final|first|sdp|prack|update|confirmed|bye|cancel|offer|answer|request|ack|root|txn|event"
    r"|mark|conference|transfer)_id$|leg_[ab]$"
)
"""Columns that hold numbers of messages, or of rows named after one."""
ONCE = {"source", "capture_health", "rule_run", "store_info", "message_copy"}
DAYS_OF_RULES = """
    create or replace temp table template as from rule_day;
    delete from rule_day;
    insert into rule_day
    select rule_id, cast(day + k * $apart * interval 1 second as date), is_dated, sum(passed), sum(failed), sum(unknown)
    from template cross join range($n) as n (k)
    group by all;
"""
"""Judgements of each rule by day, moved on with the calls."""
PER_PEER = {"address", "host", "host_agent", "resolved_name", "bypass_peer_name", *(table.name for table in CONFIGURATION_TABLES)}
"""Tables with rows per address or gateway, not per call."""
DECIDED = "bypass_(?!fact|peer_name)|peer_profile|daily_figure|criterion|config_snapshot|known_"
"""Tables that the decision makes anew from the copied ones."""

PER_MESSAGE = {
    "message",
    "message_key",
    "leg_message",
    "sdp_media",
    "counted_sdp",
    "ice_candidate",
    "transaction",
    "rtcp_report",
    "stun_check",
}
AS_READ = {
    "message": "source_id",
    "message_key": "source_id",
    "leg_message": "source_id",
    "sdp_media": "source_id",
    "ice_candidate": "source_id",
    "media_flow": "source_id",
    "rtcp_report": "source_id",
    "stun_check": "source_id",
    "leg": "leg_id >> 32",
    "call_leg": "leg_id >> 32",
}
"""Tables that ingest and derivation leave in the order of files and messages, but for what threads do side by side, and the file
of a row. The others are left as they come."""
COPIES_SIDE_BY_SIDE = 6000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1_000_000, help="at least so many calls")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the database to make; one that is there is replaced")
    parser.add_argument("--messages-of", type=int, metavar="CALLS", help="keep messages of so many calls only, as 'siplens prune' does")
    arguments = parser.parse_args()
    for stale in (arguments.output, arguments.output.with_name(arguments.output.name + ".wal")):
        stale.unlink(missing_ok=True)
    began = time.perf_counter()
    make_template(arguments.output)
    with open_store(arguments.output, write=True) as store:
        calls, made = copy_rows(store, arguments.calls, arguments.messages_of or arguments.calls)
    print(f"{arguments.output}: {made:,} calls, copies of {calls}, in {time.perf_counter() - began:.0f} s", file=sys.stderr)


def make_template(path: Path) -> None:
    """The sample traces in one database, under the configuration of one of them, in force always."""
    cases = sample_cases()
    with open_store(path, write=True) as store, tempfile.TemporaryDirectory() as folder:
        for case in cases:
            for outcome in ingest_paths(store, [str(file) for file in inputs(case)[0]]):
                if outcome.error:
                    raise outcome.error
        config = Path(folder) / "config.yaml"
        chosen = next(case for case in cases if case.name == "forked_cancelled") / "config.yaml"
        text = re.sub(r"(?m)^valid_from:.*\n", "", chosen.read_text(encoding="utf-8"))
        config.write_text(text.replace("SubnetID: 10.2.0.0, MaskBits: 24", "SubnetID: 10.2.0.0, MaskBits: 16"), encoding="utf-8")
        import_configuration(store, [config])
        judge(store)


def copy_rows(store: Store, wanted: int, with_messages: int) -> tuple[int, int]:
    """Copies every row of the template; returns how many calls the template had, and how many there are now."""
    con = store.con
    con.execute("SET preserve_insertion_order = false")
    calls, findings = con.execute("select count(*), (select coalesce(max(finding_id), 0) from finding) from call").fetchall()[0]
    copies = -(-wanted // calls)
    for table, columns in tables(con).items():
        changed = {name: text for name, kind in columns if (text := shifted(table, name, kind, calls, findings))}
        if table in ONCE or not changed or re.match(DECIDED, table):
            continue
        replaced = ", ".join(f"{text} as {name}" for name, text in changed.items())
        distinct, repeats = ("distinct", min(copies, PEERS * CLIENT_SUBNETS)) if table in PER_PEER else ("", copies)
        if table in PER_MESSAGE:
            repeats = min(copies, -(-with_messages // calls))
        con.execute(f"create temp table template as from {table}")
        con.execute(f"delete from {table}")
        insert = f"insert into {table} select {distinct} t.* replace ({replaced}) from range(?, ?) as n (k) cross join template as t"
        if table in AS_READ:
            for (source,) in con.execute(f"select distinct {AS_READ[table]} as source from template order by source").fetchall():
                for first in range(0, repeats, COPIES_SIDE_BY_SIDE):
                    last = min(first + COPIES_SIDE_BY_SIDE, repeats)
                    con.execute(f"{insert} where {AS_READ[table]} = ?", [first, last, source])
        else:
            con.execute(insert, [0, repeats])
        store.save()
        con.execute("drop table template")
        print(f"{time.strftime('%H:%M:%S')} {table}", file=sys.stderr)
    con.execute("update rule_count set passed = passed * $n, failed = failed * $n, unknown = unknown * $n", {"n": copies})
    con.execute(DAYS_OF_RULES, {"n": copies, "apart": SECONDS_APART})
    decide(store)
    for step in bypass_files("95", "96", "97", "98"):
        con.execute(step.read_text(encoding="utf-8"))
    con.execute("update store_info set derived_changes = changes, derived_by = ?", [sql_digest()])
    return calls, calls * copies


def tables(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """Tables of the database with their columns and types."""
    found: dict[str, list[tuple[str, str]]] = {}
    query = """
        select table_name, column_name, data_type from duckdb_columns() join duckdb_tables() using (table_name)
        where not duckdb_columns.internal and not temporary order by table_name, column_index
    """
    for table, column, kind in con.execute(query).fetchall():
        found.setdefault(table, []).append((column, kind))
    return found


def spread(column: str) -> str:
    """An address or name of the template, spread over many gateways and client subnets."""
    return (
        f"replace(replace(replace({column}, '10.2.0.', '10.2.' || (k % {PEERS} + 100) || '.'), "
        f"'10.3.0.', '10.3.' || (k % {CLIENT_SUBNETS} + 50) || '.'), 'gw1.', 'gw' || (k % {PEERS} + 1) || '.')"
    )


def shifted(table: str, name: str, kind: str, calls: int, findings: int) -> str | None:
    """What a column of the k-th copy holds, in SQL; None where it is the same in all copies."""
    octets = f"[format('{{:02x}}', o::int) for o in string_split({spread('ip')}, '.')]"
    by_name = {
        "call_no": f"call_no + k * {calls}",
        "finding_id": f"finding_id + k * {findings}",
        "subject_id": "case when subject in ('call', 'leg', 'dialog') then cast(try_cast(subject_id as bigint) "
        f"+ k * case subject when 'call' then {calls} else {STRIDE} end as varchar) else subject_id end",
        "oa_id": f"oa_id + k * {STRIDE * 4096}",
        "call_id": "call_id || '-' || k",
        "leg_fingerprint": "md5(leg_fingerprint || k)",
        "addresses": f"list_transform(addresses, lambda a: {spread('a')})",
        "ip_hex": f"'00000000000000000000ffff' || array_to_string({octets}, '')",
    }
    if name == "fingerprint" and table != "sdp_media":
        return "md5(fingerprint || k)"
    if name in by_name:
        return by_name[name]
    if kind == "BIGINT" and ROW_NUMBERS.search(name):
        return f"{name} + k * {STRIDE}"
    if kind == "BIGINT" and name in ("frame", "first_frame", "last_frame"):
        return f"{name} + k * {FRAMES}"
    if kind == "TIMESTAMP" and (name == "ts" or name.endswith("_ts")):
        return f"{name} + k * interval {SECONDS_APART} second"
    if (
        kind == "VARCHAR"
        and table != "mediation_server"
        and (name.lower().endswith(("ip", "address")) or name.lower() in ("peer", "identity", "gateway", "trunk"))
    ):
        return spread(name)
    return None


if __name__ == "__main__":
    main()
