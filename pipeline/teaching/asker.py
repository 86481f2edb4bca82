"""Asks a teacher through the ledger: known answers are read, the rest is reserved, sent, stored and settled."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from pipeline.breaker import Breaker
from pipeline.teacher import CallFailed, ProviderError, Response, Teacher
from pipeline.teaching.budget import Budget
from pipeline.teaching.canary import Canary
from pipeline.teaching.ledger import Call, Ledger, Sent, TrancheEmpty
from pipeline.teaching.patience import USUAL, Patience
from pipeline.teaching.prices import TeacherPrice
from pipeline.teaching.rate import Rate
from pipeline.teaching.request import Reply, Request, read_reply
from pipeline.teaching.tokens import count_tokens, most_input_tokens


@dataclass(frozen=True)
class Terms:
    """Who is asked, at what price and within what limits."""

    model: str
    api_base: str | None
    price: TeacherPrice
    concurrency: int = 8
    use_batch: bool = False
    cap_micros: int | None = None


@dataclass
class Counts:
    """What an asker has done so far."""

    hits: int = 0
    repeats: int = 0
    sent: int = 0
    gave_up: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


class Asker:
    """One run's way to its teacher. Use it in a ``with``; ``ask_all`` may be called any number of times."""

    def __init__(
        self,
        terms: Terms,
        ledger: Ledger,
        *,
        budget: Budget | None = None,
        earlier: Callable[[str], str | None] = lambda key: None,
        before_send: Callable[[], None] = lambda: None,
        patience: Patience = USUAL,
        seed: int | None = None,
    ) -> None:
        """``earlier`` finds answers of other runs; ``before_send`` raises when the run shall stop."""
        self.terms = terms
        self.ledger = ledger
        self.counts = Counts()
        self.patience = patience
        self.before_send = before_send
        self._budget = budget
        self._earlier = earlier
        self._breaker = Breaker(patience.open_s)
        self._rate = Rate()
        self._random = random.Random(seed)
        self._canary = Canary(terms, ledger)
        self._runner = asyncio.Runner()
        self._teacher: Teacher | None = None

    def __enter__(self) -> "Asker":
        self.ledger.recover()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._teacher is not None:
            self._runner.run(self._teacher.close())
        self._runner.close()
        if self._budget is not None:
            self._budget.give_back()

    def ask_all(self, requests: Sequence[Request]) -> list[Reply | None]:
        """The answers, in order; None where the teacher gave none. Raises BudgetReached, ProviderError."""
        keys = [request.key(self.terms.model, self.terms.api_base) for request in requests]
        open_ = {key: request for key, request in zip(keys, requests, strict=True) if not self._known(key)}
        self.counts.hits += len(requests) - len(open_)
        if open_:
            self._canary.check()  # a run that was stopped by it is not resumed past it unawares
        for part in self._canary.parts(open_):
            self._send_all(part)
            self._canary.check()
        raws = [self.ledger.answer(key) for key in keys]
        return [None if raw is None else read_reply(raw) for raw in raws]

    def reserve(self, calls: Sequence[Call], batch_ref: str | None = None) -> list[Sent]:
        """Rows in the ledger, with money drawn from the workspace where that is needed."""
        cap = self.terms.cap_micros
        while True:
            drawn = None if self._budget is None else self._budget.drawn_micros()
            try:
                return self.ledger.reserve(calls, cap, drawn, batch_ref)
            except TrancheEmpty:
                assert self._budget is not None
                self._budget.draw(sum(call.worst_micros for call in calls))

    def priced(self, key: str, request: Request) -> Call:
        """The call with the most that it can cost and what it should cost."""
        price = self.terms.price
        return Call(key, request.job, price.worst_micros(request, self.terms.model), price.expected_micros(request))

    def settle(self, sent: Sent, request: Request, raw: str) -> None:
        """Store an answer and what it cost. Raises NotAReply."""
        reply = read_reply(raw)
        spoken = count_tokens(reply.text)
        self.ledger.settle(sent, raw, self.terms.price.settled_micros(request, reply.usage, spoken, sent.micros))

    def _known(self, key: str) -> bool:
        if self.ledger.answer(key) is not None:
            return True
        raw = self._earlier(key)
        if raw is not None:
            self.ledger.keep_earlier(key, raw)
        return raw is not None

    def _send_all(self, open_: dict[str, Request]) -> None:
        if self.terms.use_batch:
            from pipeline.teaching.batches import run_batches

            run_batches(self, open_)
        elif open_:
            self._runner.run(self._send_side_by_side(open_))

    async def _send_side_by_side(self, open_: dict[str, Request]) -> None:
        """A fixed number of workers over one queue; the first that must stop stops all, when theirs are settled."""
        queue = iter(open_.items())
        stopped: list[BaseException] = []

        async def work() -> None:
            for key, request in queue:
                if stopped:
                    return
                try:
                    await self._ask(key, request, stopped)
                except Exception as error:
                    stopped.append(error)

        await asyncio.gather(*(work() for _ in range(self.terms.concurrency)))
        if stopped:
            raise stopped[0]

    async def _ask(self, key: str, request: Request, stopped: list[BaseException]) -> None:
        """One question until it is answered, or until it has failed too often by itself."""
        wait_s, own_failures = self.patience.first_wait_s, 0
        while not stopped:
            await self._may_go(request, stopped)
            try:
                await self._send(key, request)
                return
            except CallFailed as failure:
                own_failures += self._note(failure)
                if own_failures >= self.patience.tries:
                    self.counts.gave_up += 1
                    return
                await asyncio.sleep(self._random.uniform(0, wait_s))
                wait_s = min(2 * wait_s, self.patience.longest_wait_s)
                self._note_repeat()

    async def _may_go(self, request: Request, stopped: list[BaseException]) -> None:
        """Wait for the provider's limits and for the breaker; whoever waits first goes first."""
        tokens = most_input_tokens(request, self.terms.model)
        while not stopped:
            wait_s = self._rate.wait_s(tokens)
            if wait_s <= 0:
                wait_s = self._breaker.wait_s()
            if wait_s <= 0:
                return self._rate.note_sent(tokens)
            self.before_send()
            await asyncio.sleep(min(wait_s, 1.0))

    async def _send(self, key: str, request: Request) -> None:
        try:
            self.before_send()
            (sent,) = self.reserve([self.priced(key, request)])
        except BaseException:
            self._breaker.let_go()
            raise
        self.counts.sent += 1
        try:
            response = await self._chat(request)
        except CallFailed as failure:
            end = self.ledger.set_free if failure.is_free else self.ledger.set_unknown
            end(sent, str(failure))
            raise
        except BaseException:
            self.ledger.set_unknown(sent, "interrupted")
            raise
        self.settle(sent, request, response.raw)
        self._breaker.succeeded()
        self._rate.speed_up()
        self._rate.read_headers(response.headers)

    async def _chat(self, request: Request) -> Response:
        if self._teacher is None:
            self._teacher = Teacher(self.terms.model, self.terms.api_base, self.patience.deadline_s)
        return await self._teacher.chat(request)

    def _note(self, failure: CallFailed) -> int:
        """What a failure says; 1 when it counts against the question itself. Raises ProviderError to end the run."""
        reason = f"status {failure.status}" if failure.status else "connection"
        self.counts.reasons[reason] = self.counts.reasons.get(reason, 0) + 1
        if failure.stops_the_run:
            self._breaker.let_go()
            raise ProviderError(f"{self.terms.model} refused the call, and would again ({failure}); {_advice(failure)}")
        if failure.status == 429:
            self._breaker.let_go()
            self._rate.slow_down(failure.retry_after_s)
            return 0
        if failure.retry_after_s is not None:
            self._rate.pause(failure.retry_after_s)
        was_open = self._breaker.is_open
        if failure.is_outage:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        return 0 if was_open or self._breaker.is_open else 1

    def _note_repeat(self) -> None:
        """Repeats beyond their share mean that something is wrong with the provider: everyone waits."""
        self.counts.repeats += 1
        allowed = self.patience.free_repeats + self.patience.repeat_share * self.counts.sent
        if self.counts.repeats > allowed and not self._breaker.is_open:
            self._breaker.trip()


def _advice(failure: CallFailed) -> str:
    if failure.status in (401, 403):
        return "set the provider's key in the worker's environment, see docs/teacher.md"
    return "see what the provider says of the model and its parameters"
