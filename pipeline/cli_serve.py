"""``spiritsafe serve``: the router as a server on this machine."""

import importlib.util
import ipaddress
import os
import secrets
from typing import Any

from analytics.errors import InputError, MissingExtra
from analytics.terminal import Common, progress

TOKEN, KEY = "SPIRITSAFE_ROUTER_TOKEN", "SPIRITSAFE_UPSTREAM_KEY"
OPENAI = "https://api.openai.com/v1"


def serve(
    *,
    upstream: str = OPENAI,
    host: str = "127.0.0.1",
    port: int = 8400,
    provider: str | None = None,
    client_keys: bool = False,
    open_access: bool = False,
    most_at_once: int = 256,
    common: Common | None = None,
) -> None:
    """Serve an OpenAI-compatible API: students where they are sure, the teacher's API for the rest.

    Clients show the token of SPIRITSAFE_ROUTER_TOKEN as their API key; without it one is made and shown. The teacher's
    API gets the key of SPIRITSAFE_UPSTREAM_KEY or OPENAI_API_KEY.

    Parameters
    ----------
    upstream
        Address of the teacher's OpenAI-compatible API, up to and including /v1.
    host
        Address to listen on. Any but this machine's own needs a token that you chose.
    port
        Port to listen on.
    provider
        Whose models the teacher's are, for their price, where their names do not tell.
    client_keys
        Send the client's own API key to the teacher. Clients then show the token as x-spiritsafe-token.
    open_access
        Ask for no token. On this machine's own address alone.
    most_at_once
        Requests that are answered at once; more are told to come back.
    """
    common = common or Common()
    token = _token(host, open_access)
    for name in ("uvicorn", "aiohttp"):
        if importlib.util.find_spec(name) is None:
            raise MissingExtra(name, "serve")
    import uvicorn

    app = _app(common, upstream, provider, client_keys, token, most_at_once)
    progress.print(f"serving http://{host}:{port}/v1, teacher {upstream}; stop with Ctrl-C", soft_wrap=True)
    uvicorn.run(
        app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=30,
        server_header=False, date_header=False, timeout_keep_alive=65,
    )  # fmt: skip


def _token(host: str, open_access: bool) -> str | None:
    given = os.environ.get(TOKEN)
    if given is not None and len(given) < 16:
        raise InputError(f"{TOKEN} has {len(given)} characters; at least 16 are needed")
    if open_access and (given or not is_loopback(host)):
        raise InputError("--open-access is for this machine's own address and no token")
    if open_access:
        return None
    if given is None and not is_loopback(host):
        raise InputError(f"{host} can be reached from outside: set {TOKEN} to a secret of at least 16 characters")
    if given is None:
        given = secrets.token_urlsafe(24)
        progress.print(f"no {TOKEN} is set; clients' API key for this run: {given}", soft_wrap=True)
    return given


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0"), is_loopback("localhost")
    (True, False, True)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _app(
    common: Common, upstream: str, provider: str | None, client_keys: bool, token: str | None, most_at_once: int
) -> Any:
    from pipeline.router.desk import Options, open_desk
    from pipeline.router.server import App, Limits
    from pipeline.router.upstream import Upstream

    if not upstream.startswith(("http://", "https://")):
        raise InputError(f"--upstream {upstream}: an address begins with http:// or https://")
    key = os.environ.get(KEY) or os.environ.get("OPENAI_API_KEY")
    if key is None and not client_keys:
        progress.print(f"no {KEY} is set: the teacher is asked without a key")
    api = Upstream(upstream, None if client_keys else key)
    desk = open_desk(common.workspace, api, Options(provider), say=lambda line: progress.print(line, soft_wrap=True))
    return App(desk, token, passes_keys=client_keys, limits=Limits(most_at_once))
