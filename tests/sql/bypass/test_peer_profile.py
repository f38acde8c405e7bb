"""What peers did, over several calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from siplens.pipeline.derive import assess, derive
from siplens.store import Store, memory_store
from siplens.store.writer import number_addresses

from .test_decision_table import import_snapshot
from .written_call import WrittenCalls

GATEWAY = {"peer_ip": "10.2.0.20", "snapshot_id": 1, "peer_agent": "Gateway/1.0"}
CALLS: list[dict[str, Any]] = [
    {**GATEWAY, "direction": "inbound", "early_dialogs": 3, "pracks": [200, 200, 200]},
    {**GATEWAY, "direction": "inbound", "early_dialogs": 5, "pracks": [200, 200, 481, 481, 200]},
    {**GATEWAY, "direction": "inbound", "early_dialogs": 1},
    {**GATEWAY, "direction": "outbound", "early_dialogs": 1},
    {**GATEWAY, "direction": "outbound", "refused_with": 488, "observed": "mediated", "signalled": "mediated"},
    {**GATEWAY, "direction": "outbound", "refused_with": 606, "observed": "mediated", "signalled": "mediated"},
    {"peer_ip": "10.2.0.99", "direction": "outbound", "snapshot_id": 1, "peer_agent": None},
]


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("configuration") / "gateways.yaml"
    path.write_text("gateways: [{Identity: gw1, addresses: [10.2.0.20]}]", encoding="utf-8")
    with memory_store() as store:
        derive(store)
        import_snapshot(store, path, 1)
        calls = WrittenCalls()
        for number, call in enumerate(CALLS, start=1):
            calls.add(number, call)
        calls.put_into(store)
        number_addresses(store)
        assess(store)
        yield store


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("peer_ip", "10.2.0.20"),
        ("agent", "Gateway/1.0"),
        ("calls", 6),
        ("inbound_calls", 3),
        ("outbound_calls", 3),
        ("early_dialogs_max_seen", 5),
        ("early_dialogs_accepted_max", 5),
        ("early_dialogs_refused_min", 5),
        ("forked_calls", 2),
        ("fork_refusals", 1),
        ("pracks", 8),
        ("prack_failures", 2),
        ("updates", 0),
        ("direct_offered", 2),
        ("direct_accepted", 0),
        ("direct_refused", 2),
        ("refusal_statuses", ["488", "606"]),
        ("direct_calls", 4),
        ("mediated_calls", 2),
        ("loss_pct", None),
    ],
)
def test_figure_of_a_configured_gateway(profiles: Store, figure: str, value: object) -> None:
    assert profiles.value(f"select {figure} from peer_profile where peer = 'gw1'") == value


def test_a_peer_that_is_not_configured_goes_by_its_address(profiles: Store) -> None:
    rows = profiles.query("select peer, calls, early_dialogs_max_seen, refusal_statuses from peer_profile order by peer").rows

    assert rows[0] == ("10.2.0.99", 1, None, [])
    assert len(rows) == 2
