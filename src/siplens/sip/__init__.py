"""SIP and SDP text into records. `parse_messages` is the one way in; readers of captures and of logs both use it."""

from siplens.sip.compiled import drop_stale_code

drop_stale_code()  # before the scans are imported: that is when their cached code is chosen

from siplens.sip.messages import parse_messages  # noqa: E402 - only after the line above

__all__ = ["parse_messages"]
