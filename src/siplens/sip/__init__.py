"""SIP and SDP text into records. `parse_messages` is the one way in; readers of captures and of logs both use it."""

from siplens.sip.messages import parse_messages

__all__ = ["parse_messages"]
