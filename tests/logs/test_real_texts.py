"""Real texts from public pages and repositories give the rows that the manifest beside them describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from siplens.logs import read_log, recognise

Rows = dict[str, list[dict[str, Any]]]

MESSAGES = {
    "lync/edge_sipstack_2012_options_and_error.txt": ("cls", ["OPTIONS"]),
    "lync/cisco_212383_edge_cls_diag_records.txt": ("cls", []),
    "lync/cisco_212383_client_504_ms_diagnostics.txt": ("sip-text", ["504", "504"]),
    "lync/mediation_404_syslog_escaped.txt": ("syslog-sip", ["INVITE", "100", "404"]),
    "lync/o365_um_kamailio_invite.sip": ("sip-text", ["INVITE"]),
    "lync/o365_um_rtcc_200ok.sip": ("sip-text", ["200"]),
    "lync/sipe_issue119_sfb_sip_trace_excerpt.txt": ("sipe", ["INFO", "180"]),
    "lync/sipe_issue6_lync2013_180_excerpt.txt": ("sipe", []),
    "lync/sfbo_403_rtc7_delegate.txt": ("sip-text", ["403"]),
    "lync/sipe_oc2007r2_register_request.sip": ("sip-text", ["REGISTER"]),
    "lync/sipe_ocs2007r2_register_response.sip": ("sip-text", ["200"]),
    "lync/sipe_ocs2007_register_200.sip": ("sip-text", ["200"]),
    "lync/sofia_ocs1_401.sip": ("sip-text", ["401"]),
    "lync/ms_client_diagnostics_samples.txt": ("ms-diagnostics", []),
    "lync/ucma4_ms_diagnostics_examples.txt": ("ms-diagnostics", []),
    "lync/ms_diag_15000_um_500.txt": ("ms-diagnostics", ["500"]),
    "lync/ms_diag_1017.txt": ("ms-diagnostics", []),
    "lync/ms_diag_4005.txt": ("ms-diagnostics", []),
    "teams/davehorton_gist_inbound_from_teams_excerpt.txt": ("freeswitch", ["INVITE"]),
    "teams/davehorton_gist_outbound_to_teams_excerpt.txt": ("freeswitch", ["INVITE"]),
    "teams/jambonz_options_trace.txt": ("freeswitch", ["OPTIONS", "200"]),
    "teams/audiocodes_sbc_syslog_options_200_excerpt.txt": ("audiocodes", ["200"]),
    "teams/audiocodes_sbc_syslog_teams_excerpts.txt": ("audiocodes", []),
}
"""Format, and the method or status of each message."""

NO_LOG = [
    "lync/avaya_nonlync_begin_record_line.txt",  # another product's $$begin_record
    "lync/mediaConfiguration_provisionGroup_bypass.xml",
    "lync/ms_sdpext_client_offer_excerpt_onelined.txt",
    "lync/rtpengine_issue702_lync_488.txt",
    "lync/sfb_client_sdp_x_bypassid.sdp",
    "lync/sipe_issue56_multipart_sdp_excerpt.txt",
    "lync/sipe_issue76_appsharing_sdp_excerpt.txt",
    "negative/avaya_IPO_Monitor_Detail_Out.txt",
    "negative/avaya_sipserver_first300k.log",
    "teams/direct_routing_incoming_invite_parameters.md",
    "teams/teams_av_sdp_audio_excerpt_escaped.txt",
    "teams/x_ms_headers_table.md",
]
"""Bodies without a message, pages, and logs of products that siplens does not know. Their SDP is read in tests/sip/test_sdp.py."""


def read(path: Path) -> Rows:
    name = recognise(path.read_bytes()[:65536])
    assert name is not None
    rows: Rows = {table: [] for table in ("message", "log_event", "log_reject", "sip_diagnostic", "sdp_media")}
    for batch in read_log(path, name):
        batch.rows.validate(full=True)
        rows.setdefault(batch.table, []).extend(batch.rows.to_pylist())
    return rows


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name: str, shared_data: Path) -> None:
    format_name, expected = MESSAGES[name]
    rows = read(shared_data / name)
    assert rows["source"][0]["format"] == format_name
    assert [str(row["status"] or row["method"]) for row in rows["message"]] == expected


@pytest.mark.parametrize("name", NO_LOG)
def test_no_log(name: str, shared_data: Path) -> None:
    assert recognise((shared_data / name).read_bytes()[: 1 << 20]) is None


def test_every_text_is_judged(shared_data: Path) -> None:
    there = {f"{folder}/{path.name}" for folder in ("lync", "teams", "negative") for path in (shared_data / folder).iterdir()}
    assert there == {*MESSAGES, *NO_LOG}


def test_mediation_server_404(shared_data: Path) -> None:
    (_, _, final) = read(shared_data / "lync" / "mediation_404_syslog_escaped.txt")["message"]
    assert {"name": "Server", "value": "RTCC/5.0.0.0 MediationServer"} in final["headers"]
    assert [line.partition(";")[0] for line in final["ms_diagnostics"].split("\n")] == [
        "ms-diagnostics: 1034",
        "ms-diagnostics: 10003",
        "ms-diagnostics-public: 10003",
    ]


def test_a_message_that_prose_quotes_with_its_headers_moved_to_the_right(shared_data: Path) -> None:
    rows = read(shared_data / "lync" / "ms_diag_15000_um_500.txt")
    (refused,) = rows["message"]
    assert (refused["reason_phrase"], refused["call_id"], refused["cseq"], refused["problems"]) == (
        "Server Internal Error",
        "fd8c35c4bf9c41999f72bac2ddbacec4",
        1,
        [],
    )
    (told,) = rows["sip_diagnostic"]
    assert (told["message_ordinal"], told["diagnostic_id"], told["source"]) == (0, 15000, "NASEAPOOLFE01.CONTOSO.COM")
    assert not rows["log_event"]


def test_pair_of_options(shared_data: Path) -> None:
    """Times to the microsecond and the other end, in an excerpt with both directions."""
    rows = read(shared_data / "teams" / "jambonz_options_trace.txt")
    shown = [(str(row["ts"]), row["src_ip"], row["dst_ip"], row["transport"], row["problems"]) for row in rows["message"]]
    assert shown == [
        ("2020-08-05 14:36:22.539678", None, "52.114.148.0", "tls", []),
        ("2020-08-05 14:36:22.564475", "52.114.148.0", None, "tls", []),
    ]


def test_message_without_empty_line_before_its_sdp(shared_data: Path) -> None:
    """The page lost the empty line; the body is still a body, and too short, because the excerpt was cut."""
    rows = read(shared_data / "teams" / "davehorton_gist_outbound_to_teams_excerpt.txt")
    assert "the body is shorter than Content-Length" in rows["message"][0]["problems"]
    assert [(row["address"], row["port"], row["proto"]) for row in rows["sdp_media"]] == [("15.216.66.78", 49346, "RTP/SAVP")]


def test_sbc_syslog_cut_mid_candidate(shared_data: Path) -> None:
    """Its messages have no beginning: kept as events and rejects, not made into messages."""
    rows = read(shared_data / "teams" / "audiocodes_sbc_syslog_teams_excerpts.txt")
    assert [(row["line"], row["expected"]) for row in rows["log_reject"]] == [(1, "a syslog message with its number, such as [S=1428803]")]
    (event,) = rows["log_event"]
    assert event["ts"].strftime("%d %B %H:%M:%S") == "17 December 12:56:33"
    assert "X-MS-UserLocation: External" in event["text"]


def test_headers_whose_start_line_is_missing(shared_data: Path) -> None:
    rows = read(shared_data / "lync" / "sipe_issue6_lync2013_180_excerpt.txt")
    assert [row["expected"] for row in rows["log_reject"]] == ["the line that begins this message"]


def test_outgoing_180_of_a_third_party_client(shared_data: Path) -> None:
    (_, ringing) = read(shared_data / "lync" / "sipe_issue119_sfb_sip_trace_excerpt.txt")["message"]
    assert (str(ringing["ts"]), ringing["dst_ip"], ringing["to_tag"]) == ("2016-09-28 14:46:40.908025", "10.100.98.212", "203424500")
