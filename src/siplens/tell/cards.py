"""The bodies of web hooks: generic JSON, a Teams card, a Slack card. Texts from SIP are escaped for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from siplens.report.text import visible
from siplens.tell.message import Message, NewsItem
from siplens.version import __version__

MOST_ITEMS = 10
"""Findings written out on a card; generic JSON holds all."""
SHAPE = 1
"""Version of the generic JSON: raised when a name changes its meaning."""


def generic(message: Message) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "siplens": __version__,
        "shape": SHAPE,
        "job": message.job,
        "title": message.title,
        "period": message.period,
        "outcome": message.outcome,
        "headline": message.headline,
        "figures": message.figures,
        "findings": [
            {
                "fingerprint": item.fingerprint,
                "rule_id": item.rule_id,
                "title": item.title,
                "severity": item.severity,
                "news": item.news,
                "call_no": item.call_no,
                "peer": item.peer,
                "reason": item.reason,
            }
            for item in message.items
        ],
        "report": str(message.report) if message.report else None,
    }


def teams(message: Message) -> dict[str, Any]:
    """An Adaptive Card as the incoming web hooks of Teams (Workflows) take it."""
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "size": "Large", "weight": "Bolder", "wrap": True, "text": _teams_text(f"{message.title}: {message.period}")},
        {"type": "TextBlock", "wrap": True, "color": _COLOURS[message.outcome], "text": _teams_text(message.headline)},
        {"type": "FactSet", "facts": [{"title": name, "value": f"{value:,}"} for name, value in message.figures.items()]},
    ]
    body += [
        {
            "type": "TextBlock",
            "wrap": True,
            "spacing": "Small",
            "text": f"**{_teams_text(_head(item))}** {_teams_text(f'{item.where}: {item.reason}')}",
        }
        for item in message.items[:MOST_ITEMS]
    ]
    if rest := _rest(message):
        body.append({"type": "TextBlock", "isSubtle": True, "wrap": True, "text": rest})
    card = {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}],
    }


def slack(message: Message) -> dict[str, Any]:
    """Blocks as the incoming web hooks of Slack take them, and `text` for notifications."""
    figures = " · ".join(f"{name} *{value:,}*" for name, value in message.figures.items())
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": visible(f"{message.title}: {message.period}")[:150]}},
        _section(_slack_text(message.headline)),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": figures}]},
    ]
    blocks += [
        _section(f"*{_slack_text(_head(item))}* {_slack_text(f'{item.where}: {item.reason}')}") for item in message.items[:MOST_ITEMS]
    ]
    if rest := _rest(message):
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": rest}]})
    return {"text": _slack_text(f"{message.title}: {message.headline}"), "blocks": blocks}


BODIES: dict[str, Callable[[Message], dict[str, Any]]] = {"webhook": generic, "teams": teams, "slack": slack}
_COLOURS = {"clean": "Good", "findings": "Attention", "error": "Warning"}


def _head(item: NewsItem) -> str:
    return f"{item.rule_id} ({item.severity}, {item.news})"


def _rest(message: Message) -> str:
    more = len(message.items) - MOST_ITEMS
    return f"and {more:,} more, all in the report" if more > 0 else ""


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:2900]}}


def _slack_text(text: str) -> str:
    """Slack's own escapes; what would be bold or code is taken out of force by a zero-width space."""
    escaped = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"{mark}\u200b" if (mark := letter) in "*_~`" else letter for letter in escaped)


def _teams_text(text: str) -> str:
    """Markdown out of force: an Adaptive Card knows bold, italic, lists and links."""
    return "".join(f"\\{letter}" if letter in "\\*_[]()#`>" else letter for letter in visible(text))
