"""What goes over from one file of a ring buffer to the next: the writer cut between two packets, not between two calls.

Carried are announcements in SDP, so that media of a call that began in the file before is known and has its clock; TCP
directions with messages under way; and fragments that wait. RTP flows are not: each file has its own row of a stream, with
the figures of that file, because rows are proof of what is in one file.
"""

from __future__ import annotations

from dataclasses import dataclass

from siplens.capture.fragments import Fragments
from siplens.capture.memory import Memory
from siplens.capture.streams import Streams

_LONGEST_PAUSE_S, _OVERLAP_S = 60.0, 1.0


@dataclass(slots=True)
class _State:
    memory: Memory
    streams: Streams
    fragments: Fragments
    last_s: float


class Ring:
    """Files of one ring, read one after another. Two capture points whose names differ by a number are none: they overlap in time."""

    def __init__(self) -> None:
        self._state: _State | None = None

    def leave(self, memory: Memory, streams: Streams, fragments: Fragments, last_s: float) -> None:
        """The end of one file: what the next one may need. last_s: time of its last packet, in seconds since 1970."""
        self._state = _State(memory, streams, fragments, last_s)

    def forget(self) -> None:
        """What comes next does not follow what was read last."""
        self._state = None

    def take(self, first_s: float | None) -> tuple[Memory, Streams, Fragments] | None:
        """What the file before left, for a file whose first packet came at `first_s`; None where it does not go on there."""
        state, self._state = self._state, None
        if state is None or first_s is None or not state.last_s - _OVERLAP_S <= first_s <= state.last_s + _LONGEST_PAUSE_S:
            return None
        return state.memory, state.streams, state.fragments
