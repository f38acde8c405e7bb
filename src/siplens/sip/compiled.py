"""Every compiled function of this package, for those who want all of them compiled at once."""

from siplens.native import Native
from siplens.sip import scan_gather, scan_message, scan_sdp

COMPILED: tuple[Native, ...] = (scan_message.scan, scan_message.count_lines, scan_sdp.scan_sdp, scan_sdp.count_sdp, scan_gather.gather)
