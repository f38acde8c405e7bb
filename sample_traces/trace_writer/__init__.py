"""Writes captures and server logs from readable recipes: SIP as text, media as descriptions. Standard library only.

    from trace_writer import Capture, Host, Leg, Party, ServerLog

    capture = Capture("2026-03-02 09:00:00")                        # UTC; every time below is seconds after this
    client, gateway = Host("client", "10.3.0.51"), Host("gateway", "10.2.0.20")
    capture.sip(0.1, client, 5060, gateway, 5060, "udp", b"OPTIONS sip:gw SIP/2.0\\r\\n…")   # bytes as they are
    capture.talk(3.2, (client, 50020), (gateway, 20000), seconds=4, ssrcs=(1, 2))            # RTP both ways, and RTCP
    capture.write(Path("capture.pcapng"))                           # the ending chooses pcap (µs) or pcapng (ns)

`Leg` fills SIP text: copies what a response copies, numbers CSeq, makes branches, counts Content-Length. The same calls
give the same bytes, always: nothing here reads a clock or a random number. `sample_traces` must be on `sys.path`.
"""

from trace_writer.capture import Capture, Counts
from trace_writer.hosts import Host
from trace_writer.leg import Leg, Party, Proxy
from trace_writer.serverlog import ServerLog

__all__ = ["Capture", "Counts", "Host", "Leg", "Party", "Proxy", "ServerLog"]
