"""Calls whose client leg is only in the server's log, because it is TLS on the wire, and whose media are only in the capture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from lab import ANNA, GATEWAY, GATEWAY_MEDIA, MEDIATION, outbound
from ordinary_calls import client_calls, client_hangs_up, gateway_answers, media_addresses, offer_to_gateway, talk
from trace_writer import Capture, ServerLog

from siplens.pipeline.derive import derive
from siplens.pipeline.ingest import ingest_paths
from siplens.store import Store, memory_store

START = "2026-03-10 09:00:00"
FILES = ("capture.pcapng", "client.log", "gateway.log")


def write(folder: Path, offset_s: float, trunk_in_capture: bool) -> None:
    """The Mediation Server's logs, their clock `offset_s` ahead, and a capture: with the trunk's SIP, or of nothing but RTP."""
    capture = Capture(START, interfaces={"mirror of the gateway": [GATEWAY, GATEWAY_MEDIA]})
    client_log = ServerLog(START, MEDIATION, "POOL01\\MED01", offset_s=offset_s)
    gateway_log = ServerLog(START, MEDIATION, "POOL01\\MED01", shape="s4", offset_s=offset_s)
    call = outbound([capture], 1, ANNA, "+14255550162")
    call.client_leg.transports, call.client_leg.sinks = ("tls",), ([client_log],)
    call.gateway_leg.sinks = ([capture] if trunk_in_capture else [gateway_log],)
    sdp = media_addresses(call, direct=True)
    client_calls(call, 1.0)
    offer_to_gateway(call, 1.040, sdp)
    gateway_answers(call, 1.900, sdp)
    talk(capture, call, 4.200, direct=True, seconds=2.0)
    client_hangs_up(call, 6.400)
    capture.write(folder / "capture.pcapng")
    client_log.write(folder / "client.log")
    if not trunk_in_capture:
        gateway_log.write(folder / "gateway.log")


def judged(folder: Path, names: Sequence[str]) -> Store:
    store = memory_store()
    for ingested in ingest_paths(store, [str(folder / name) for name in names]):
        assert ingested.error is None
    derive(store)
    return store


CALL = "select len(sources), outcome, client_ip, peer_media_ip, round(duration_s, 1) from call"
FLOWS = "select count(*), count(distinct call_no) from call_flow"


def test_client_leg_in_the_log_trunk_and_media_in_the_capture(tmp_path: Path) -> None:
    """The clocks share no message: the 250 ms between them stay unknown."""
    write(tmp_path, 0.25, trunk_in_capture=True)
    with judged(tmp_path, FILES[:2]) as store:
        assert store.query(CALL).rows == [(2, "answered", "10.3.0.51", "10.2.0.21", pytest.approx(2.4, abs=0.4))]
        assert store.query("select distinct clock_offset_ms from source").rows == [(None,)]
        assert store.query(FLOWS).rows == [(2, 1)]
        assert store.value("select observed from bypass_assessment") == "pass"


@pytest.mark.parametrize("hours", [1, -5.5], ids=["an hour ahead", "five and a half hours behind"])
def test_both_legs_in_logs_and_nothing_but_media_in_the_capture(hours: float, tmp_path: Path) -> None:
    """A log in local time is set right by its media: the capture shares no message with it."""
    write(tmp_path, 3600 * hours + 0.25, trunk_in_capture=False)
    with judged(tmp_path, FILES) as store:
        assert store.query(CALL).rows == [(2, "answered", "10.3.0.51", "10.2.0.21", pytest.approx(2.4, abs=0.1))]
        assert store.query(FLOWS).rows == [(2, 1)]
        offsets = {row[0] for row in store.query("select clock_offset_ms from source where format = 'cls'").rows}
        assert offsets == {-3_600_000 * hours}
