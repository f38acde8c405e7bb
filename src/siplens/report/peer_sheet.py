"""A peer's sheet in Markdown: what it did in this evidence, of how many cases, and the frames that prove it. To send to its vendor."""

from __future__ import annotations

from siplens.report.fetch import Row, fetch
from siplens.report.text import markdown_cell
from siplens.store import Store


def peer_markdown(store: Store, profile: Row) -> str:
    """The sheet of one row of peer_profile. Shares carry their 95 % interval (Wilson); without cases there is none."""
    wanted = profile["peer"]
    lines = [
        f"# {markdown_cell(str(wanted))}",
        "",
        f"Signalling addresses {', '.join(profile['peer_ips'])}; says of itself: {markdown_cell(profile['agent'] or 'nothing')}. "
        f"{profile['calls']:,} calls seen, {profile['inbound_calls']:,} from and {profile['outbound_calls']:,} to the public network.",
        "",
        "## Early dialogs",
        "",
        f"Most that one INVITE of it got: {_number(profile['early_dialogs_max_seen'])}. Most in a call that was answered: "
        f"{_number(profile['early_dialogs_accepted_max'])}. Fewest in a call in which it refused one: "
        f"{_number(profile['early_dialogs_refused_min'])}.",
        "",
        "## How often",
        "",
        "| what | cases | of | share | 95 % interval |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [_share(row) for row in fetch(store, "peer_shares", wanted=wanted)]
    statuses = ", ".join(profile["refusal_statuses"])
    lines += ["", f"Direct media was refused with {statuses}." if statuses else "No refusal of direct media by an answer was seen."]
    codecs = ", ".join(f"{markdown_cell(row['codec'])} ({row['bodies']:,})" for row in fetch(store, "peer_codecs", wanted=wanted))
    lines += ["", f"Codecs in its SDP, and in how many bodies: {codecs or 'none seen'}."]
    lines += ["", "## Proof", "", *_proof(fetch(store, "peer_proof", wanted=wanted))]
    return "\n".join(lines) + "\n"


def _number(value: int | None) -> str:
    return "none" if value is None else f"{value:,}"


def _share(row: Row) -> str:
    if not row["total"]:
        return f"| {row['what']} | 0 | 0 | | |"
    share = 100 * row["hits"] / row["total"]
    return f"| {row['what']} | {row['hits']:,} | {row['total']:,} | {share:.0f} % | {row['low_pct']:.0f} to {row['high_pct']:.0f} % |"


def _proof(rows: list[Row]) -> list[str]:
    if not rows:
        return ["No finding about early dialogs or direct media stands against this peer."]
    lines: list[str] = []
    told = None
    for row in rows:
        head = (row["rule_id"], row["call_no"], row["reason"])
        if head != told:
            told = head
            lines.append(f"- {row['rule_id']}, call {row['call_no'] or '(none)'}: {markdown_cell(row['reason'])}")
        place = f"frame {row['frame']}" if row["frame"] else f"line {row['line']}"
        lines.append(f"    - {markdown_cell(row['file'])} (SHA-256 {row['sha256']}…) {place}: {markdown_cell(row['note'] or '')}")
    return lines
