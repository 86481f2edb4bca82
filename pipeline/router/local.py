"""The router as a Python function, for programs that run neither our server nor LiteLLM's proxy.

    with Hybrid(Path("workspace"), teacher=lambda body: client.chat.completions.create(**body).model_dump()) as hybrid:
        answer = hybrid.complete({"model": "gpt-4o", "messages": [...]})

Same policy, same audits, same journal. It may be called from many threads; one loop of its own does the work.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import orjson

from analytics.errors import SpiritsafeError
from analytics.workspace import Workspace
from pipeline.breaker import Breaker
from pipeline.router.core import CHAT, Reply, Router
from pipeline.router.desk import Desk, Options, open_desk
from pipeline.router.upstream import Response, Teacher, UpstreamDown

T = TypeVar("T")
Ask = Callable[[dict[str, Any]], Mapping[str, Any]]  # a chat request's body to the completion's
HEADERS = {"content-type": "application/json"}


@dataclass
class Made:
    """A whole answer that a function gave, with what `Response` reads of one that came over HTTP."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))

    @property
    def content(self) -> "Made":
        """The body's stream: itself."""
        return self

    async def iter_any(self) -> AsyncIterator[bytes]:
        """One piece."""
        yield self.body

    async def read(self) -> bytes:
        """The body."""
        return self.body

    def release(self) -> None:
        """There is no connection to give back."""


class FunctionTeacher:
    """A teacher that is a function; it runs in a thread, so a slow one holds up nobody else."""

    def __init__(self, ask: Ask) -> None:
        self._ask, self.breaker = ask, Breaker(5.0)

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def send(
        self, method: str, path: str, raw: bytes, headers: Mapping[str, str], timeout_s: float | None = None
    ) -> Response:
        """Ask the function. Raises UpstreamDown where it raises."""
        if path != CHAT:
            raise UpstreamDown("a function answers chat requests alone")
        if not self.breaker.allows():
            raise UpstreamDown("the teacher failed several times in a row and is left alone for a moment", 5.0)
        try:
            found = await asyncio.to_thread(self._ask, orjson.loads(raw))
        except Exception as error:
            self.breaker.failed()
            raise UpstreamDown(f"the teacher failed ({type(error).__name__})") from error
        self.breaker.succeeded()
        return Response(Made(200, orjson.dumps(dict(found))))


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="router", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something there and wait for it."""
        done: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return done.result()

    def close(self) -> None:
        """End the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=30)
        self.loop.close()


class Hybrid:
    """Students where they are sure, the teacher for the rest."""

    def __init__(self, home: Path, teacher: "Ask | Teacher", provider: str | None = None) -> None:
        """home: the workspace. teacher: a function, or an `Upstream`. Raises DataMissing before the first analysis."""
        api: Teacher = FunctionTeacher(teacher) if callable(teacher) else teacher
        self.loop = Loop()
        self.desk: Desk = open_desk(Workspace(home.absolute()), api, Options(provider), say=lambda line: None)
        self.router = Router(self.desk)
        self.loop.run(self.desk.start())

    def complete(self, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A completion in OpenAI's form; who gave it stands in ``spiritsafe``. Raises SpiritsafeError with the reason.

        A stream is asked for elsewhere: this waits for the whole answer.
        """
        reply = self.loop.run(self.reply(dict(body) | {"stream": False}, headers or {}))
        found: dict[str, Any] = orjson.loads(reply.body or b"{}")
        if reply.status != 200:
            raise SpiritsafeError(str((found.get("error") or {}).get("message") or f"status {reply.status}"))
        return found | {"spiritsafe": {"route": reply.route, "reason": reply.reason}}

    async def reply(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """The router's own reply; to be awaited in its loop."""
        return await self.router.complete(orjson.dumps(dict(body)), headers)

    def close(self) -> None:
        """Write the last rows and end."""
        self.loop.run(self.desk.stop())
        self.loop.close()

    def __enter__(self) -> "Hybrid":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
