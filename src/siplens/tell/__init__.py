"""Tells people and systems what a job found: webhooks, Teams and Slack cards, e-mail, ticket files."""

from siplens.tell.destination import Destination, read_destination
from siplens.tell.message import Message, NewsItem
from siplens.tell.send import tell

__all__ = ["Destination", "Message", "NewsItem", "read_destination", "tell"]
