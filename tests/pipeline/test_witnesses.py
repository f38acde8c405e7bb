"""One capture and its text export by sngrep, made on a machine two hours east: each message is one, with two observations."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from siplens.capture import read_capture
from siplens.pipeline.derive import derive
from siplens.pipeline.ingest import ingest_paths
from siplens.store import memory_store


def exported(capture: Path, hours: int) -> str:
    """As sngrep 1.6 saves dialogs: time, both ends, the message, empty lines."""
    rows = [row for batch in read_capture(capture) if batch.table == "message" for row in batch.rows.to_pylist()]
    texts = []
    for row in rows:
        seen = row["ts"] + timedelta(hours=hours)
        lines = [
            f"{seen:%Y/%m/%d %H:%M:%S.%f} {row['src_ip']}:{row['src_port']} -> {row['dst_ip']}:{row['dst_port']}",
            row["start_line"],
            *(f"{header['name']}: {header['value']}" for header in row["headers"]),
        ]
        body = (row["body"] or "").replace("\r\n", "\n")
        texts.append("\n".join(lines) + f"\n\n{body}\n\n")
    return "".join(texts)


def test_same_messages_in_a_capture_and_in_its_export(shared_data: Path, tmp_path: Path) -> None:
    capture = shared_data / "pcap" / "sip" / "sngrep_aaa.pcap"
    (tmp_path / "export.txt").write_text(exported(capture, hours=2), encoding="utf-8")
    with memory_store() as store:
        for outcome in ingest_paths(store, [str(capture), str(tmp_path / "export.txt")]):
            assert outcome.error is None
            assert outcome.rows["message"] == 81
        derive(store)
        assert store.value("select clock_offset_ms from source where format = 'sip-export'") == -2 * 3600 * 1000
        assert store.value("select count(*) from message where same_as is not null") == 81
        assert store.value("select count(*) from message where not is_duplicate and source_id = (select min(source_id) from source)") == 81
        assert store.value("select count(*) from call") == 4
        assert store.value("select bool_and(len(sources) = 2) from call")
