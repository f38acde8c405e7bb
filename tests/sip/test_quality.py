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
        "bypass_warning_flag": "0x0001",
        "trunking_peer": "10.2.0.20",
        "local_address": "10.3.0.5",
        "remote_address": "10.2.0.21",
        "connectivity_ice": "DIRECT",
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
