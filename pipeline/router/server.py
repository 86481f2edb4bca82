"""``spiritsafe serve``: an OpenAI-compatible server around the router. An application changes its base URL alone.

What no student covers goes to the teacher's API as it came and comes back as it came. Every request that is let in gets
one terminal answer; how many are let in at once is bounded, and the rest are told to come back.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from pipeline.router.core import CHAT, JSON_TYPE, Reply, Router, failed
from pipeline.router.desk import Desk
from pipeline.router.feedback import complain
from pipeline.router.health import check
from pipeline.router.upstream import UpstreamDown

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
TOKEN_HEADER = "x-spiritsafe-token"
BODY_WAIT_S = 30.0  # for a client that sends its body slowly
OPEN_PATHS = ("/health",)
WATCHED = ("/health", "/metrics")  # what people look at when there is too much to do


@dataclass(frozen=True)
class Limits:
    """What a server lets in."""

    most_at_once: int = 256
    most_body_bytes: int = 4_000_000


class TooLarge(Exception):
    """A body beyond the limit."""


class ClientGone(Exception):
    """The client closed the connection before its body was whole."""


class App:
    """The ASGI application. token: what clients must show; None: nothing (loopback alone)."""

    def __init__(
        self, desk: Desk, token: str | None, *, passes_keys: bool = False, limits: Limits | None = None
    ) -> None:
        self.desk, self.router = desk, Router(desk)
        self._token, self._passes_keys, self._limits = token, passes_keys, limits or Limits()
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's request, or the start and the end of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._respond(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.desk.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.desk.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["path"] not in OPEN_PATHS and not self._may(headers):
            await _send(send, failed(401, "a valid token is needed", "authentication_error", reason="no-token"))
            return
        if self._in_flight >= self._limits.most_at_once and scope["path"] not in WATCHED:
            self.desk.counters.add("errors_total", reason="overload")
            reply = failed(
                429, "the router answers as many requests as it may; come back", "rate_limit_error", reason="overload"
            )
            reply.headers["retry-after"] = "1"
            await _send(send, reply)
            return
        self._in_flight += 1
        try:
            await self._answer(scope, headers, receive, send)
        finally:
            self._in_flight -= 1

    def _may(self, headers: Mapping[str, str]) -> bool:
        if self._token is None:
            return True
        shown = headers.get(TOKEN_HEADER) or headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), self._token.encode())

    async def _answer(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(BODY_WAIT_S):
                raw = await _body(receive, self._limits.most_body_bytes)
            reply = await self._route(scope["method"], scope["path"], scope["query_string"], raw, headers)
        except ClientGone:
            return
        except TooLarge:
            reply = failed(
                413,
                f"the body is larger than {self._limits.most_body_bytes:,} bytes",
                "invalid_request_error",
                reason="too-large",
            )
        except TimeoutError:
            reply = failed(408, "the body did not come in time", "invalid_request_error", reason="slow-body")
        except UpstreamDown as error:
            reply = failed(503, error.why, "api_error", reason="teacher-down")
            reply.headers["retry-after"] = str(max(1, round(error.retry_after_s)))
        except Exception as error:  # a bug of ours: the client still gets its one answer, and it is counted
            self.desk.say(f"bug: {type(error).__name__} on {scope['method']} {scope['path']}")
            self.desk.counters.add("errors_total", reason="bug")
            reply = failed(500, "the router failed; the request was not answered", "api_error", reason="bug")
        await _send(send, reply)

    async def _route(self, method: str, path: str, query: bytes, raw: bytes, headers: dict[str, str]) -> Reply:
        kept = self._for_upstream(headers)
        if path == "/health":
            return await self._health()
        if path == "/metrics":
            return Reply(200, {"content-type": "text/plain; version=0.0.4"}, self._metrics().encode())
        if path == "/v1/feedback" and method == "POST":
            return complain(self.desk, raw)
        if path == "/v1" + CHAT and method == "POST":
            return await self.router.complete(raw, kept)
        if path == "/v1/models" and method == "GET":
            return await self._models(kept)
        if path.startswith("/v1/") and ".." not in path:
            return await self._pass_on(method, path.removeprefix("/v1"), query, raw, kept)
        return failed(404, "there is nothing here; the API begins at /v1", "invalid_request_error", reason="no-path")

    def _for_upstream(self, headers: dict[str, str]) -> dict[str, str]:
        """Our own token never leaves; the client's key only where it was meant to."""
        kept = {name: value for name, value in headers.items() if name != TOKEN_HEADER}
        if not self._passes_keys:
            kept.pop("authorization", None)
        return kept

    async def _pass_on(self, method: str, path: str, query: bytes, raw: bytes, headers: dict[str, str]) -> Reply:
        """Anything of the API that is no chat: embeddings, files, batches."""
        target = path + (f"?{query.decode('latin-1')}" if query else "")
        answer = await self.desk.upstream.send(method, target, raw, headers)
        shown = answer.headers | {"x-spiritsafe-route": "teacher", "x-spiritsafe-reason": "no-chat"}
        if answer.is_stream:
            return Reply(answer.status, shown, None, answer.pieces(), "teacher", "no-chat")
        return Reply(answer.status, shown, await answer.read(), None, "teacher", "no-chat")

    async def _models(self, headers: dict[str, str]) -> Reply:
        """The teacher's models, as they are asked for; the students behind them where the teacher does not tell."""
        try:
            answer = await self.desk.upstream.send("GET", "/models", b"", headers, timeout_s=10)
            body = await answer.read()
            if answer.status == 200:
                return Reply(200, {"content-type": JSON_TYPE}, body)
        except UpstreamDown:
            pass
        names = sorted(serving.policy.student_id for serving in self.desk.shelf.by_task.values())
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "spiritsafe"} for name in names]
        return Reply(200, {"content-type": JSON_TYPE}, orjson.dumps({"object": "list", "data": data}))

    async def _health(self) -> Reply:
        found = await check(self.desk)
        return Reply(200 if found["status"] == "ok" else 503, {"content-type": JSON_TYPE}, orjson.dumps(found))

    def _metrics(self) -> str:
        desk = self.desk
        students = {serving.policy.student_id: serving.breaker.is_open for serving in desk.shelf.by_task.values()}
        return desk.counters.text(
            {
                "in_flight": {"": self._in_flight},
                "students": {"": len(students)},
                "student_breaker_open": {f'{{student="{name}"}}': float(opened) for name, opened in students.items()},
                "upstream_breaker_open": {"": float(desk.upstream.breaker.is_open)},
                "audit_spend_usd_today": {"": desk.auditor.spending.total_usd},
                "journal_rows_total": {"": desk.journal.written},
                "journal_dropped_total": {"": desk.journal.dropped},
            }
        )


async def _body(receive: Receive, most: int) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise TooLarge
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, reply: Reply) -> None:
    headers = _encoded(reply.headers.items())
    if reply.pieces is None:
        body = reply.body or b""
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    try:
        async for piece in reply.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        await reply.pieces.aclose()  # a client that went away must not keep the teacher busy
    await send({"type": "http.response.body", "body": b""})


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
