"""Calls written straight into the derived tables, from a few words: what a case of the decision table does not say is ordinary.

The ordinary call: a Lync 2013 client in Berlin calls the PSTN through Mediation Server 10.1.0.10 and gateway 10.2.0.20,
whose media processor is 10.2.0.21; both legs were captured, and media was seen to go directly.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from itertools import count
from typing import Any

import pyarrow as pa

from siplens.records.table import HEADERS
from siplens.store import Store

BEGIN = dt.datetime(2026, 3, 2, 8, 0, 0)
ORDINARY: Mapping[str, Any] = {
    "direction": "outbound",
    "client_ip": "10.3.0.5",
    "client_media_ip": "10.3.0.5",
    "mediation_ip": "10.1.0.10",
    "peer_ip": "10.2.0.20",
    "peer_media_ip": "10.2.0.21",
    "client_leg": True,
    "client_sdp": True,
    "peer_sdp": True,
    "client_agent": "UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)",
    "peer_agent": "Gateway/1.0",
    "mediation_agent": None,
    "client_codecs": ["x-msrta/16000", "PCMU/8000", "PCMA/8000"],
    "peer_codecs": ["PCMA/8000"],
    "client_proto": "RTP/AVP",
    "client_crypto": False,
    "peer_proto": "RTP/AVP",
    "transport": "tcp",
    "early_dialogs": 1,
    "signalled": "direct",
    "observed": "direct",
}
SOURCE = 1
FIRST_MESSAGE = SOURCE << 32

_TYPES = {
    "headers": HEADERS,
    "crypto_suites": pa.list_(pa.string()),
    "evidence": pa.list_(pa.struct([("source_id", pa.int32()), ("frame", pa.int64()), ("line", pa.int64()), ("note", pa.string())])),
}


class WrittenCalls:
    """Collects rows of raw and derived tables for any number of calls, then puts them into a store."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._numbers = count(1)
        self._relays: set[str] = set()

    def add(self, call_no: int, said: Mapping[str, Any]) -> None:
        """Adds the ordinary call, changed by `said`."""
        call = {**ORDINARY, **said}
        unknown = call.keys() - ORDINARY.keys() - _EXTRAS
        assert not unknown, f"no such word for a call: {unknown}"
        client_leg = self._client_leg(call_no, call) if call["client_leg"] else None
        peer_leg = self._peer_leg(call_no, call)
        self._rows["call"].append(
            {
                **{name: call[name] for name in ("direction", "client_ip", "client_media_ip", "mediation_ip", "peer_ip", "peer_media_ip")},
                "call_no": call_no,
                "client_leg_id": client_leg,
                "peer_leg_id": peer_leg,
                "started_ts": BEGIN,
                "answered_ts": BEGIN,
                "early_dialogs": call["early_dialogs"],
                "outcome": "answered",
            }
        )
        self._rows["media_path"].append(
            {
                "call_no": call_no,
                "signalled": call["signalled"],
                "signalled_reason": f"SDP: {call['signalled']}",
                "observed": call["observed"],
                "observed_reason": f"RTP: {call['observed']}",
                "client_to_peer_packets": call.get("client_to_peer_packets", 0),
                "peer_to_client_packets": call.get("peer_to_client_packets", 0),
                "via_mediation_packets": call.get("via_mediation_packets", 0),
                "evidence": [],
            }
        )
        if call.get("media_role"):
            self._rows["host"].append({"ip": call["client_media_ip"], "role": call["media_role"]})
        if call.get("snapshot_id") is not None:
            self._rows["config_in_force"].append({"call_no": call_no, "snapshot_id": call["snapshot_id"]})

    def put_into(self, store: Store) -> None:
        """Writes all rows; the columns not given stay NULL."""
        for table, rows in self._rows.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            arrays = [pa.array([row.get(name) for row in rows], type=_TYPES.get(name)) for name in names]
            store.con.register("written", pa.Table.from_arrays(arrays, names=names))
            store.con.execute(f"insert into {table} by name select * from written")
            store.con.unregister("written")

    def _client_leg(self, call_no: int, call: Mapping[str, Any]) -> int:
        by_client = call["direction"] == "outbound"
        leg_id = self._message(call_no, "INVITE", sent_by_caller=True, call=call if by_client else {})
        agents = {"caller_agent": call["client_agent"]} if by_client else {"callee_agent": call["client_agent"]}
        self._leg(call_no, leg_id, "client", "client" if by_client else "mediation", agents)
        said = {} if by_client else call
        answer = self._message(call_no, "INVITE", sent_by_caller=False, leg_id=leg_id, status=200, call=said)
        if call["client_sdp"]:
            own = leg_id if by_client else answer
            self._sdp(own, call["client_media_ip"], call["client_codecs"], call["client_proto"], call.get("client_bypass_id"))
            if call["client_crypto"]:
                self._rows["sdp_media"][-1]["crypto_suites"] = ["AES_CM_128_HMAC_SHA1_80"]
            if call.get("peer_bypass_id"):
                other = answer if by_client else leg_id
                self._sdp(other, call["peer_media_ip"], call["peer_codecs"], call["peer_proto"], call["peer_bypass_id"])
        for status in [None, *call.get("refer", [])]:
            if "refer" in call:
                self._message(call_no, "REFER", sent_by_caller=status is None, leg_id=leg_id, status=status, call={})
        return leg_id

    def _peer_leg(self, call_no: int, call: Mapping[str, Any]) -> int:
        by_peer = call["direction"] == "inbound"
        by_mediation, of_peer = {"x_ms": call.get("x_ms")}, {"allow": call.get("allow")}
        invite = {name: call.get(name) for name in ("request_host", "peer_ip")} | (of_peer if by_peer else by_mediation)
        leg_id = self._message(call_no, "INVITE", sent_by_caller=True, call=invite)
        peer, mediation = ("caller_agent", "callee_agent") if by_peer else ("callee_agent", "caller_agent")
        agents = {peer: call["peer_agent"], mediation: call["mediation_agent"]}
        ends = {name: call[name] for name in ("peer_ip", "mediation_ip", "transport", "early_dialogs")}
        self._leg(call_no, leg_id, "peer", "peer" if by_peer else "mediation", {**agents, **ends})
        answered = by_mediation if by_peer else of_peer
        answer = self._message(call_no, "INVITE", sent_by_caller=False, leg_id=leg_id, status=200, call=answered)
        if call["peer_sdp"]:
            own = leg_id if by_peer else answer
            self._sdp(own, call["peer_media_ip"], call["peer_codecs"], call["peer_proto"], None)
        for kind, address in call.get("candidates", []):
            self._candidate(answer if by_peer else leg_id, kind, address)
        self._refusal(call_no, leg_id, call)
        self._forks(leg_id, call)
        return leg_id

    def _refusal(self, call_no: int, leg_id: int, call: Mapping[str, Any]) -> None:
        refusal = call.get("refused_with")
        if refusal is None:
            return
        words = {"ms_diagnostics": call.get("diagnostics")}
        answer = self._message(call_no, "INVITE", sent_by_caller=False, leg_id=leg_id, status=refusal, call=words)
        self._rows["offer_answer"].append(
            {
                "oa_id": leg_id,
                "leg_id": leg_id,
                "media": "audio",
                "offered_by": "caller",
                "offer_is_endpoint": True,
                "answer_id": answer,
                "answer_status": refusal,
                "outcome": "rejected",
            }
        )

    def _forks(self, leg_id: int, call: Mapping[str, Any]) -> None:
        for ordinal, prack_status in enumerate(call.get("pracks", []), start=1):
            self._rows["dialog"].append(
                {
                    "dialog_id": leg_id * 100 + ordinal,
                    "leg_id": leg_id,
                    "ordinal": ordinal,
                    "first_ts": BEGIN,
                    "prack_id": leg_id,
                    "prack_status": prack_status,
                    "prack_final_id": leg_id,
                }
            )

    def _leg(self, call_no: int, leg_id: int, side: str, invited_by: str, more: Mapping[str, Any]) -> None:
        leg = {"leg_id": leg_id, "invite_id": leg_id, "side": side, "invited_by": invited_by, "outcome": "answered"}
        self._rows["leg"].append({**leg, "call_id": f"{call_no}-{side}", **more})
        self._rows["call_leg"].append({"call_no": call_no, "leg_id": leg_id, "side": side})

    def _message(
        self,
        call_no: int,
        method: str,
        *,
        sent_by_caller: bool,
        call: Mapping[str, Any],
        leg_id: int | None = None,
        status: int | None = None,
    ) -> int:
        message_id = FIRST_MESSAGE + next(self._numbers)
        host = call.get("request_host")
        self._rows["message"].append(
            {
                "source_id": SOURCE,
                "message_id": message_id,
                "ordinal": message_id - FIRST_MESSAGE,
                "frame": message_id - FIRST_MESSAGE,
                "method": method,
                "status": status,
                "call_id": str(call_no),
                "request_uri": f"sip:+49301234@{host};user=phone" if host else None,
                "contact_uri": call.get("contact_uri"),
                "headers": [{"name": "Contact", "value": call["contact"]}] if call.get("contact") else [],
                "replaces": call.get("replaces"),
                "x_ms": call.get("x_ms"),
                "allow": call.get("allow"),
                "ms_location": call.get("ms_location"),
                "ms_subnet": call.get("ms_subnet"),
                "ms_diagnostics": call.get("ms_diagnostics"),
                "src_ip": call.get("client_ip"),
                "dst_ip": call.get("peer_ip"),
            }
        )
        self._rows["leg_message"].append(
            {
                "message_id": message_id,
                "source_id": SOURCE,
                "leg_id": leg_id or message_id,
                "method": method,
                "status": status,
                "sent_by_caller": sent_by_caller,
                "is_first": True,
                "is_duplicate": False,
                "has_sdp": False,
                "ts": BEGIN,
            }
        )
        return message_id

    def _sdp(self, message_id: int, address: str | None, codecs: list[str], proto: str, bypass_id: str | None) -> None:
        row = {"message_id": message_id, "address": address, "codecs": codecs, "proto": proto, "bypass_id": bypass_id}
        row |= {"m_index": 0, "port": 50000}
        self._rows["counted_sdp"].append({**row, "audio_no": 1})
        self._rows["sdp_media"].append({**row, "source_id": SOURCE, "media": "audio"})
        self._mark_sdp(message_id)

    def _candidate(self, message_id: int, kind: str, address: str) -> None:
        row = {"message_id": message_id, "source_id": SOURCE, "type": kind, "address": address, "component": 1, "priority": 1.0}
        self._rows["ice_candidate"].append(row)
        self._mark_sdp(message_id)

    def _mark_sdp(self, message_id: int) -> None:
        next(place for place in self._rows["leg_message"] if place["message_id"] == message_id)["has_sdp"] = True


_EXTRAS = {
    "candidates",
    "snapshot_id",
    "client_to_peer_packets",
    "peer_to_client_packets",
    "via_mediation_packets",
    "media_role",
    "client_bypass_id",
    "peer_bypass_id",
    "refer",
    "replaces",
    "x_ms",
    "allow",
    "contact",
    "contact_uri",
    "ms_location",
    "ms_subnet",
    "request_host",
    "refused_with",
    "diagnostics",
    "pracks",
}
