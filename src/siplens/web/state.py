"""What all requests share: the database, who may ask, and the saved queries."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from siplens.web.access import Access
from siplens.web.facts import Choices
from siplens.web.library import Library
from siplens.web.queries import SavedQueries


@dataclass(frozen=True, slots=True)
class State:
    """Made once by make_app."""

    library: Library
    access: Access
    queries: SavedQueries
    may_waive: bool = True
    choices: Choices = field(default_factory=Choices)


def state_of(request: Request) -> State:
    """The state of the app that serves this request."""
    state: State = request.app.state.siplens
    return state
