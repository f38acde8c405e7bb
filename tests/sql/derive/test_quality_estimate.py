"""The E-model's estimate holds its own formula's known points, says what went in, and says so where it cannot say anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from siplens.pipeline.derive import ensure_derived
from siplens.pipeline.ingest import ingest_paths
from siplens.store import Store, memory_store

from ...capture.packets import A, B, pcap, rtp, sdp, sip, udp_frame


def flow(port: int, payload_type: int, *, lost: frozenset[int] = frozenset(), ssrc: int = 1, at: float = 1.0) -> list[tuple[float, bytes]]:
    """200 packets without those lost; the last one always comes."""
    numbers = [n for n in range(200) if n not in lost]
    return [(at + n * 0.02, udp_frame(rtp(n, n * 160, payload_type=payload_type, ssrc=ssrc), (20_000, port))) for n in numbers]


def xr(port: int, about: int, round_trip_ms: int) -> bytes:
    import struct

    block = struct.pack("!BBHI4B4H4B4B2B3H", 7, 0, 8, about, 0, 0, 0, 0, 0, 0, round_trip_ms, 20, *bytes(4), 90, 127, 43, 127, *bytes(5))
    return udp_frame(struct.pack("!BBHI", 0x80, 207, 1 + len(block) // 4, 99) + block, (port + 1, 20_001), (B, A))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    offers = [
        (0.0, udp_frame(sip(f"c{port}", body=sdp(B, port, rtpmap, number))))
        for port, rtpmap, number in (
            (40_000, "8 PCMA/8000", 8),
            (40_002, "8 PCMA/8000", 8),
            (40_004, "18 G729/8000", 18),
            (40_006, "9 G722/8000", 9),
            (40_008, "0 PCMU/8000", 0),
            (40_010, "0 PCMU/8000", 0),
        )
    ]
    singles, burst = frozenset(range(10, 190, 20)), frozenset(range(50, 59))
    frames = [
        *offers,
        *flow(40_000, 8),
        *flow(40_002, 8, lost=singles),
        *flow(40_004, 18, lost=singles),
        *flow(40_006, 9),
        *flow(40_008, 0, ssrc=7),
        (2.0, xr(40_008, 7, 460)),
        *flow(40_010, 0, lost=burst),
        *flow(40_010, 0, ssrc=2, at=6.0),
    ]
    path = tmp_path_factory.mktemp("quality") / "c.pcap"
    path.write_bytes(pcap(sorted(frames, key=lambda frame: frame[0])))
    with memory_store() as opened:
        list(ingest_paths(opened, [str(path)]))
        ensure_derived(opened)
        yield opened


def estimate(store: Store, port: int) -> tuple[object, ...]:
    columns = "codec, round(loss_pct, 2), round(burst_ratio, 2), delay_ms, delay_from, r_factor_estimate, mos_estimate, reason"
    question = f"select {columns} from quality_estimate join media_flow using (flow_id) where dst_port = ? and ssrc != 2"
    (row,) = store.query(question, [port]).rows
    return tuple(row)


def test_nothing_lost_is_the_default_of_g_107(store: Store) -> None:
    """R 93.2 is MOS 4.41: the default values of G.107 themselves."""
    assert estimate(store, 40_000) == ("PCMA", 0.0, 1.0, 100.0, "assumed", 93.2, 4.41, None)


def test_loss_costs_by_codec(store: Store) -> None:
    """Single losses: 4.5 % of G.711 cost 95 * 4.5 / (4.5 + 25.1) = 14.4; of G.729, 11 + 84 * 4.5 / (4.5 + 19) = 27.1."""
    assert estimate(store, 40_002) == ("PCMA", 4.5, 1.0, 100.0, "assumed", 78.8, 3.98, None)
    assert estimate(store, 40_004) == ("G729", 4.5, 1.0, 100.0, "assumed", 66.1, 3.41, None)


def test_losses_in_a_row_cost_more(store: Store) -> None:
    codec, loss, burst, *_, r_factor, mos, _ = estimate(store, 40_010)
    assert (codec, loss, burst) == ("PCMU", 4.5, 2.0), "nine in a row, of which G.107 annex A covers a ratio of 2"
    assert (r_factor, mos) == (77.6, 3.93)


def test_delay_comes_from_xr(store: Store) -> None:
    """Half of 460 ms and 20 ms within the endpoint: 250 ms one way, which costs R 8.9 points."""
    assert estimate(store, 40_008)[3:7] == (250.0, "RTCP XR", 84.3, 4.18)


PUBLISHED = [
    # Ie,eff that public lecture notes print beside the tables of G.113 (1999) that the formula was fitted to, and R 93.2 less that.
    ("18 G729/8000", 2, 19.0),
    ("18 G729/8000", 8, 35.9),
    ("18 G729/8000", 16, 49.4),
    ("96 GSM-EFR/8000", 5, 35.0),
    ("0 PCMU/8000", 2, 7.0),
    ("0 PCMU/8000", 10, 27.1),
    ("97 G726-32/8000", 0, 7.0),
]


def test_published_values(tmp_path: Path) -> None:
    frames = []
    for number, (rtpmap, percent, _) in enumerate(PUBLISHED):
        payload_type, port = int(rtpmap.split()[0]), 41_000 + 2 * number
        lost = frozenset(range(2, 200, 100 // percent)) if percent else frozenset()
        lost = frozenset(sorted(lost)[: 2 * percent])
        frames += [(0.0, udp_frame(sip(f"p{port}", body=sdp(B, port, rtpmap, payload_type)))), *flow(port, payload_type, lost=lost)]
    path = tmp_path / "published.pcap"
    path.write_bytes(pcap(sorted(frames, key=lambda frame: frame[0])))
    with memory_store() as opened:
        list(ingest_paths(opened, [str(path)]))
        ensure_derived(opened)
        found = [estimate(opened, 41_000 + 2 * number) for number in range(len(PUBLISHED))]
    assert [(row[1], row[5]) for row in found] == [(percent, round(93.2 - ie_eff, 1)) for _, percent, ie_eff in PUBLISHED]


def test_no_estimate_without_values(store: Store) -> None:
    assert estimate(store, 40_006)[5:] == (None, None, "no values of ITU-T G.113 are known here for G722")


def test_a_new_ssrc_between_the_same_ports_is_a_change(store: Store) -> None:
    ((port, before, after, pause),) = store.query("select dst_port, before_ssrc, ssrc, pause_ms from ssrc_change").rows
    assert (port, before, after, pause) == (40_010, 1, 2, 1020)
