"""The first twenty paid calls go alone; when they cost far more than was estimated, the run stops."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analytics.errors import BudgetReached
from pipeline.teaching.ledger import Ledger
from pipeline.teaching.request import Request

if TYPE_CHECKING:
    from pipeline.teaching.asker import Terms

CALLS = 20
TOO_MUCH = 1.5  # times the estimate
PIN = "canary"
PASSED = "passed"


class Canary:
    """Watches the first calls of a run."""

    def __init__(self, terms: "Terms", ledger: Ledger) -> None:
        self._terms = terms
        self._ledger = ledger

    def parts(self, open_: dict[str, Request]) -> Iterator[dict[str, Request]]:
        """The questions, the first few apart as long as the canary has not passed."""
        items = list(open_.items())
        first = 0 if self._pinned() == PASSED else max(0, CALLS - self._ledger.settled().calls)
        for part in (items[:first], items[first:]):
            if part:
                yield dict(part)

    def check(self) -> None:
        """Compare what the calls so far cost with their estimate. Raises BudgetReached with both figures.

        A run that was stopped here goes on once a person has raised its cap: that is the acknowledgement.
        """
        pinned = self._pinned()
        if pinned == PASSED:
            return
        calls, paid, expected = self._ledger.settled()
        cap = self._terms.cap_micros
        is_accepted = pinned.startswith("stopped ") and cap is not None and cap > int(pinned.removeprefix("stopped "))
        if paid > TOO_MUCH * expected and not is_accepted:
            self._ledger.repin(PIN, f"stopped {cap or 0}")
            raise BudgetReached(
                f"the first {calls} calls cost ${paid / 1e6:,.6f}, more than {TOO_MUCH} times the estimate of "
                f"${expected / 1e6:,.6f}; to accept that, set a higher cap: spiritsafe runs cap USD RUN, then resume"
            )
        if calls >= CALLS or is_accepted:
            self._ledger.repin(PIN, PASSED)

    def _pinned(self) -> str:
        return self._ledger.pin(PIN, "waiting")
