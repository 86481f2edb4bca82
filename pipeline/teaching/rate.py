"""How fast to send: as the provider's headers say, slower after each 429, and slowly faster again."""

import time
from collections import deque
from collections.abc import Callable, Mapping

MINUTE_S = 60.0
LONGEST_RETRY_AFTER_S = 600.0
SLOWER, FASTER = 0.5, 1.05  # of the rate, after a refusal and after a success
SLOWEST_A_MINUTE = 1.0


class Rate:
    """Requests and tokens a minute. None: no limit is known."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: deque[tuple[float, int]] = deque()  # time and tokens of the last minute's requests
        self._paused_until = 0.0
        self.requests_a_minute: float | None = None
        self.tokens_a_minute: float | None = None

    def wait_s(self, tokens: int) -> float:
        """Seconds until a request of so many tokens may go."""
        now = self._clock()
        while self._sent and self._sent[0][0] <= now - MINUTE_S:
            self._sent.popleft()
        return max(0.0, self._paused_until - now, self._spacing_s(now), self._tokens_s(now, tokens))

    def note_sent(self, tokens: int) -> None:
        """A request has gone."""
        self._sent.append((self._clock(), tokens))

    def pause(self, seconds: float) -> None:
        """Nobody sends for so long, at most ten minutes."""
        self._paused_until = max(self._paused_until, self._clock() + min(seconds, LONGEST_RETRY_AFTER_S))

    def slow_down(self, retry_after_s: float | None) -> None:
        """After a 429: half the rate that was too much, and no request before the time that was named."""
        now = self._clock()
        span_s = max(1.0, now - self._sent[0][0]) if self._sent else MINUTE_S
        current = self.requests_a_minute or len(self._sent) * MINUTE_S / min(span_s, MINUTE_S)
        self.requests_a_minute = max(SLOWEST_A_MINUTE, current * SLOWER)
        if retry_after_s is not None:
            self.pause(retry_after_s)

    def speed_up(self) -> None:
        """After an answer: a little faster."""
        if self.requests_a_minute is not None:
            self.requests_a_minute *= FASTER

    def read_headers(self, headers: Mapping[str, str]) -> None:
        """Limits a minute as OpenAI and those who follow it name them."""
        for name, kind in (("requests", "requests_a_minute"), ("tokens", "tokens_a_minute")):
            limit = _number(headers.get(f"x-ratelimit-limit-{name}"))
            if limit:
                known = getattr(self, kind)
                setattr(self, kind, limit if known is None else min(known, limit))

    def _spacing_s(self, now: float) -> float:
        if self.requests_a_minute is None or not self._sent:
            return 0.0
        return self._sent[-1][0] + MINUTE_S / self.requests_a_minute - now

    def _tokens_s(self, now: float, tokens: int) -> float:
        """Until enough of the last minute's tokens are old."""
        if self.tokens_a_minute is None:
            return 0.0
        over = sum(count for _, count in self._sent) + tokens - self.tokens_a_minute
        for sent_at, count in self._sent:
            if over <= 0:
                return 0.0
            over -= count
            if over <= 0:
                return sent_at + MINUTE_S - now
        return 0.0


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
