"""Quality reports carried by SIP: Lync's VQReportEvent, and vq-rtcpxr of RFC 6035."""

from __future__ import annotations

import pytest

from .sip_messages import invite, parsed

LYNC = """<?xml version="1.0"?>
<VQReportEvent xmlns="ms-rtcp-metrics" xmlns:v2="ms-rtcp-metrics.v2" Version="3.0">
 <VQSessionReport SessionId="c1;from-tag=a;to-tag=b">
  <Endpoint Name="PC"/>
  <DialogInfo CallId="c1@example.com" FromTag="a" ToTag="b">
   <DialogCategory>OCS</DialogCategory>
   <v2:MediationServerBypassFlag>true</v2:MediationServerBypassFlag>
   <v2:TrunkingPeer>10.2.0.20</v2:TrunkingPeer>
   <v2:MediaBypassWarningFlag>0x0001</v2:MediaBypassWarningFlag>
  </DialogInfo>
  <MediaLine Label="main-audio"><Description>
   <Connectivity><Ice>DIRECT</Ice></Connectivity>
   <LocalAddr><IPAddr>10.3.0.5</IPAddr><Port>50010</Port></LocalAddr>
   <RemoteAddr><IPAddr>10.2.0.21</IPAddr><Port>6000</Port></RemoteAddr>
  </Description></MediaLine>
 </VQSessionReport>
</VQReportEvent>"""


def report(body: str) -> bytes:
    return invite(
        "Content-Type: application/vq-rtcpxr+xml",
        body=body.encode(),
        start="SERVICE sip:b@example.com SIP/2.0",
        instead={"CSeq": "1 SERVICE"},
    )


def test_lync_report_carries_microsofts_word_on_bypass() -> None:
    (row,) = parsed(report(LYNC))["qoe_report"]
    assert row.pop("text").startswith("<?xml")
    assert row == {
        "message_ordinal": 0,
        "form": "vqreportevent",
        "reported_call_id": "c1@example.com",
        "dialog_category": "OCS",
        "mediation_bypass_flag": "true",
        "bypassed": True,
        "bypass_warning_flag": "0x0001",
        "bypass_warning": "the bypass id of the default network adapter was unknown",
        "trunking_peer": "10.2.0.20",
        "local_address": "10.3.0.5",
        "remote_address": "10.2.0.21",
        "connectivity_ice": "DIRECT",
        "loss_pct": None,
        "jitter_ms": None,
        "mos": None,
    }


def test_rfc6035_report() -> None:
    body = (
        "VQSessionReport: CallTerm\r\nCallID: c1@example.com\r\nLocalAddr:IP=10.3.0.5 PORT=50010 SSRC=0x1\r\n"
        "RemoteAddr: IP=2001:db8::1 PORT=6000 SSRC=0x2\r\nPacketLoss:NLR=5.0\r\n"
    )
    text = invite(
        "Content-Type: application/vq-rtcpxr", body=body.encode(), start="PUBLISH sip:b@example.com SIP/2.0", instead={"CSeq": "1 PUBLISH"}
    )
    (row,) = parsed(text)["qoe_report"]
    assert (row["form"], row["reported_call_id"], row["local_address"], row["remote_address"]) == (
        "vq-rtcpxr", "c1@example.com", "10.3.0.5", "2001:db8::1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        "<VQReportEvent>",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><VQReportEvent>&e;</VQReportEvent>',
    ],
)
def test_reports_that_are_not_read_keep_their_text(body: str) -> None:
    rows = parsed(report(body))
    assert rows["message"][0]["problems"] == ["the quality report cannot be read"]
    assert rows["qoe_report"][0]["text"] == body
    assert rows["qoe_report"][0]["mediation_bypass_flag"] is None


def test_metrics_of_rfc6035() -> None:
    body = (
        "VQSessionReport\r\nCallID: c1\r\nPacketLoss:NLR=5.0 JDR=2.0\r\nDelay:RTD=200 ESD=140 IAJ=12\r\nQualityEst:MOSLQ=3.9 MOSCQ=3.8\r\n"
    )
    text = invite("Content-Type: application/vq-rtcpxr", body=body.encode(), start="PUBLISH sip:b@c SIP/2.0", instead={"CSeq": "1 PUBLISH"})
    (row,) = parsed(text)["qoe_report"]
    assert (row["loss_pct"], row["jitter_ms"], row["mos"], row["bypassed"]) == (5.0, 12.0, 3.9, None)


@pytest.mark.parametrize(
    ("flag", "warning", "bypassed", "meaning"),
    [
        ("false", "0x0000", False, None),
        ("1", "", True, None),
        ("maybe", "0x0004", None, "0x0004 (meaning not published)"),
    ],
)
def test_flags(flag: str, warning: str, bypassed: bool | None, meaning: str | None) -> None:
    (row,) = parsed(report(LYNC.replace(">true<", f">{flag}<").replace(">0x0001<", f">{warning}<")))["qoe_report"]
    assert (row["bypassed"], row["bypass_warning"]) == (bypassed, meaning)


def test_a_report_in_service_is_found_whatever_its_type_is_called() -> None:
    text = report(LYNC.replace("<Endpoint", "<!-- made by hand --><Endpoint")).replace(b"application/vq-rtcpxr+xml", b"application/xml")
    (row,) = parsed(text)["qoe_report"]
    assert row["bypassed"] is True


def test_entities_are_never_expanded() -> None:
    levels = "".join(f'<!ENTITY l{n} "&l{n - 1};&l{n - 1};">' for n in range(1, 30))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{levels}]><VQReportEvent>&l29;</VQReportEvent>'
    rows = parsed(report(bomb))
    assert rows["qoe_report"][0]["text"] == bomb
    assert rows["message"][0]["problems"] == ["the quality report cannot be read"]
