"""The teacher's API over HTTP: bodies pass byte for byte, nothing is retried, one breaker guards it."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pipeline.breaker import Breaker

CONNECT_S = 5.0
LONGEST_S = 600.0  # of one answer: reasoning models take minutes; what OpenAI's client waits by itself
# Of one connection, or the router's own affair (RFC 9110, section 7.6.1); the rest is passed on.
NOT_PASSED = frozenset(
    (
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
        "upgrade", "host", "content-length", "content-encoding", "accept-encoding", "expect",
    )
)  # fmt: skip
OWN = "x-spiritsafe-"


class UpstreamDown(Exception):
    """The teacher gave no answer at all: not reached, too slow, or kept away by the breaker."""

    def __init__(self, why: str, retry_after_s: float = 1.0) -> None:
        super().__init__(why)
        self.why, self.retry_after_s = why, retry_after_s


class Teacher(Protocol):
    """Whoever gives the answers that no student may give."""

    breaker: Breaker

    async def open(self) -> None:
        """Before the first request."""

    async def close(self) -> None:
        """After the last one."""

    async def send(
        self, method: str, path: str, raw: bytes, headers: Mapping[str, str], timeout_s: float | None = None
    ) -> "Response":
        """The answer to one request. Raises UpstreamDown."""


@dataclass
class Upstream:
    """One API. ``open`` before use, ``close`` afterwards."""

    base_url: str  # up to and including /v1
    api_key: str | None = None  # None: the client's own key is passed on
    timeout_s: float = LONGEST_S
    open_s: float = 5.0  # that the breaker keeps requests away

    def __post_init__(self) -> None:
        self.base_url = self.base_url.rstrip("/")
        self.breaker = Breaker(self.open_s)
        self._session: Any = None

    async def open(self) -> None:
        """Make the connections' pool; needs a running loop."""
        import aiohttp

        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(
                connector=connector, auto_decompress=True, cookie_jar=aiohttp.DummyCookieJar()
            )

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(
        self, method: str, path: str, raw: bytes, headers: Mapping[str, str], timeout_s: float | None = None
    ) -> "Response":
        """Send a request and wait for the first line of the answer. path: behind ``/v1``. Raises UpstreamDown."""
        import aiohttp

        if not self.breaker.allows():
            raise UpstreamDown(
                "the teacher's API failed several times in a row and is left alone for a moment", self.open_s
            )
        limit = aiohttp.ClientTimeout(total=min(timeout_s or self.timeout_s, self.timeout_s), sock_connect=CONNECT_S)
        try:
            answer = await self._session.request(
                method, f"{self.base_url}{path}", data=raw or None, headers=self._headers(headers), timeout=limit,
                allow_redirects=False,
            )  # fmt: skip
        except TimeoutError:
            self.breaker.failed()
            raise UpstreamDown("the teacher's API did not answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            self.breaker.failed()
            raise UpstreamDown(f"the teacher's API cannot be reached ({type(error).__name__})") from None
        except BaseException:  # the client went away
            self.breaker.let_go()
            raise
        self.breaker.failed() if answer.status >= 500 else self.breaker.succeeded()
        return Response(answer)

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in given.items() if name not in NOT_PASSED and not name.startswith(OWN)}
        if self.api_key is not None:
            kept["authorization"] = f"Bearer {self.api_key}"
        return kept


class Response:
    """An answer whose body is still to be read. Read it or ``close`` it."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.status: int = answer.status
        self.headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in NOT_PASSED}

    @property
    def is_stream(self) -> bool:
        """Server-sent events?"""
        return str(self.headers.get("content-type", "")).startswith("text/event-stream")

    async def read(self) -> bytes:
        """The whole body. Raises UpstreamDown where it breaks off."""
        import aiohttp

        try:
            body: bytes = await self._answer.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            raise UpstreamDown(f"the teacher's answer broke off ({type(error).__name__})") from None
        finally:
            self.close()
        return body

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes. Raises UpstreamDown where it breaks off."""
        import aiohttp

        try:
            async for piece in self._answer.content.iter_any():
                yield piece
        except (TimeoutError, aiohttp.ClientError) as error:
            raise UpstreamDown(f"the teacher's answer broke off ({type(error).__name__})") from None
        finally:
            self.close()

    def close(self) -> None:
        """Give the connection back, or cut it where the body was not read to its end."""
        self._answer.release()
