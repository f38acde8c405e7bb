"""`siplens serve`: the explorer in a browser, over one database or several as one."""

from __future__ import annotations

from typing import Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASES
from siplens.cli.options import Databases


def serve(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on. Beyond this machine, a token is asked for.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any that is free.")] = 8474,
    token: Annotated[
        str | None,
        typer.Option(envvar="SIPLENS_TOKEN", show_envvar=True, metavar="TEXT", help="Ask for this token; best set in the environment."),
    ] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open a browser.")] = False,
    db: Databases = DEFAULT_DATABASES,
) -> None:
    """Look through the database in a browser: calls, ladders, decisions, findings, peers, SQL. Needs the extra 'web'."""
    import secrets
    from socket import gethostname

    from siplens.cli import console
    from siplens.cli.database import as_one, judged
    from siplens.errors import SiplensError

    try:
        import uvicorn

        from siplens.web.access import is_loopback
        from siplens.web.app import make_app
    except ModuleNotFoundError as error:
        raise SiplensError(f"the explorer needs {error.name}", hint="install it: python -m pip install 'siplens[web]'") from error
    if not is_loopback(host) and token is None:
        token = secrets.token_urlsafe(18)
    listener = _listen(host, port)
    reached = gethostname() if host in ("0.0.0.0", "::", "") else host  # nobody can open the address that stands for all
    address = f"http://{f'[{reached}]' if ':' in reached else reached}:{listener.getsockname()[1]}/{f'?token={token}' if token else ''}"
    with as_one(db) as path:
        with judged(path):
            pass  # derived tables and findings are made before the first page asks for them
        if path not in db:
            console.say("several databases as one: what is waived here is forgotten at the end", "yellow")
        console.say(f"{', '.join(map(str, db))}: {address}  (Ctrl-C ends it)")
        if browser:
            import webbrowser

            webbrowser.open(address)
        config = uvicorn.Config(
            make_app(path, token), log_level="warning", server_header=False, proxy_headers=False, timeout_graceful_shutdown=2
        )
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int):  # type: ignore[no-untyped-def]
    from socket import SOCK_STREAM, create_server, getaddrinfo

    from siplens.errors import SiplensError

    try:
        family = getaddrinfo(host, port, type=SOCK_STREAM)[0][0]
        return create_server((host, port), family=family)
    except OSError as error:
        raise SiplensError(f"{host}:{port}: cannot listen there: {error.strerror or error}", hint="choose another with --port") from error
