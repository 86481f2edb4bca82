"""A breaker: while somebody is down nobody asks, and one probe at a time finds out whether they are back."""

import time
from collections import deque
from collections.abc import Callable

CONSECUTIVE = 5  # failures in a row that open it
WINDOW, WINDOW_SHARE = 20, 0.5  # or this share of the last calls
OPEN_S = 30.0


class Breaker:
    """Says how long to wait before the next call."""

    def __init__(self, open_s: float = OPEN_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._open_s = open_s
        self._clock = clock
        self._last: deque[bool] = deque(maxlen=WINDOW)
        self._row = 0
        self._open_until: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are held back."""
        return self._open_until is not None

    def allows(self) -> bool:
        """Whether a call may go now; where it was open, as the one probe."""
        return self.wait_s() == 0.0

    def wait_s(self) -> float:
        """Seconds to wait; 0: go, and where it was open, as the one probe."""
        if self._open_until is None:
            return 0.0
        left = self._open_until - self._clock()
        if left > 0 or self._is_probing:
            return max(left, min(0.05, self._open_s))
        self._is_probing = True
        return 0.0

    def succeeded(self) -> None:
        """A call came back: the provider is there."""
        self._row = 0
        if self._open_until is not None:
            self._last.clear()
        self._last.append(True)
        self._open_until, self._is_probing = None, False

    def failed(self) -> None:
        """A call failed in a way that says something about the provider."""
        self._row += 1
        self._last.append(False)
        half = len(self._last) == WINDOW and self._last.count(False) >= WINDOW_SHARE * WINDOW
        if self._is_probing or self._row >= CONSECUTIVE or half:
            self.trip()

    def let_go(self) -> None:
        """A probe that was never sent: another may go."""
        self._is_probing = False

    def trip(self) -> None:
        """Open it now."""
        self._open_until, self._is_probing = self._clock() + self._open_s, False
