"""Audits: a random share of what a student answered also goes to the teacher, off the request path.

Who is drawn is decided when the student answers, with a known chance that is written down. What is drawn and cannot be
asked (the day's money is spent, too many wait, the teacher is down) is written down as drawn without an answer: never
silently left out, since that would bias the estimate.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson

from pipeline.router.journal import Journal
from pipeline.router.scribe import Scribe
from pipeline.router.shelf import Serving
from pipeline.router.upstream import Teacher, UpstreamDown

MOST_WAITING, TOGETHER = 200, 2
PriceOf = Callable[[str, int, int], float | None]  # model, input tokens, output tokens: USD, None where unknown


@dataclass(frozen=True)
class Drawn:
    """A student's answer that the lot fell on."""

    call_id: str
    serving: Serving
    body: dict[str, Any]  # as the application sent it
    headers: Mapping[str, str]
    text: str
    output: str
    cluster: str | None
    propensity: float
    expected_usd: float | None  # what asking the teacher will cost, about


@dataclass
class Spending:
    """Money for audits by task since midnight UTC [USD]; reserved before it is spent."""

    today: Callable[[], date] = lambda: datetime.now(UTC).date()
    _day: date | None = None
    by_task: dict[str, float] = field(default_factory=dict)

    def reserve(self, task_id: str, usd: float, cap_usd: float) -> bool:
        """Set money aside; False where the day's cap does not allow it."""
        if self._day != self.today():
            self._day, self.by_task = self.today(), {}
        if self.by_task.get(task_id, 0.0) + usd > cap_usd:
            return False
        self.by_task[task_id] = self.by_task.get(task_id, 0.0) + usd
        return True

    def settle(self, task_id: str, reserved_usd: float, paid_usd: float) -> None:
        """Put what was paid in place of what was set aside."""
        self.by_task[task_id] = self.by_task.get(task_id, 0.0) + paid_usd - reserved_usd

    @property
    def total_usd(self) -> float:
        """Of all tasks."""
        return sum(self.by_task.values()) if self._day == self.today() else 0.0


class Auditor:
    """Asks the teacher about drawn answers, a few at a time."""

    def __init__(
        self, upstream: Teacher, journal: Journal | Scribe, price: PriceOf, count: Callable[[str], None]
    ) -> None:
        self._upstream, self._journal, self._price, self._count = upstream, journal, price, count
        self._waiting: asyncio.Queue[Drawn] = asyncio.Queue(MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []
        self.spending = Spending()

    def start(self) -> None:
        """Needs a running loop."""
        self._tasks = [asyncio.create_task(self._work()) for _ in range(TOGETHER)]

    async def stop(self) -> None:
        """What still waits is written down as not asked."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._waiting.empty():
            self._note(self._waiting.get_nowait(), None, "router stopped")

    def add(self, drawn: Drawn) -> None:
        """Never waits."""
        try:
            self._waiting.put_nowait(drawn)
        except asyncio.QueueFull:
            self._note(drawn, None, "too many audits wait")

    async def _work(self) -> None:
        while True:
            drawn = await self._waiting.get()
            try:
                await self._audit(drawn)
            except asyncio.CancelledError:
                self._note(drawn, None, "router stopped")
                raise
            except Exception as error:  # an answer of no known shape must not end the audits
                self._note(drawn, None, f"no answer ({type(error).__name__})")

    async def _audit(self, drawn: Drawn) -> None:
        policy, expected_usd = drawn.serving.policy, drawn.expected_usd
        if expected_usd is None:
            return self._note(drawn, None, "no price is known, so no cap could hold")
        if not self.spending.reserve(policy.task_id, expected_usd, policy.audit_cap_usd_per_day):
            return self._note(drawn, None, "the day's audit money is spent")
        try:
            body = {name: value for name, value in drawn.body.items() if name not in ("stream", "stream_options")}
            answer = await self._upstream.send("POST", "/chat/completions", orjson.dumps(body), drawn.headers)
            raw = await answer.read()
        except UpstreamDown:
            self.spending.settle(policy.task_id, expected_usd, 0.0)
            return self._note(drawn, None, "the teacher was down")
        found = orjson.loads(raw) if answer.status == 200 else {}
        self._settle(drawn, found, answer.status)

    def _settle(self, drawn: Drawn, found: Mapping[str, Any], status: int) -> None:
        usage = found.get("usage") or {}
        tokens_in, tokens_out = usage.get("prompt_tokens"), usage.get("completion_tokens")
        has_usage = isinstance(tokens_in, int) and isinstance(tokens_out, int)
        paid = self._price(str(drawn.body["model"]), int(tokens_in or 0), int(tokens_out or 0)) if has_usage else None
        expected_usd = drawn.expected_usd or 0.0
        reserved = 0.0 if status != 200 else paid if paid is not None else expected_usd
        self.spending.settle(drawn.serving.policy.task_id, expected_usd, reserved)
        said = found["choices"][0]["message"].get("content") if status == 200 else None
        if said is None:
            return self._note(drawn, None, f"no answer (status {status})")
        self._note(drawn, said, "sampled", (tokens_in, tokens_out), paid)

    def _note(
        self,
        drawn: Drawn,
        said: str | None,
        reason: str,
        tokens: tuple[int | None, int | None] = (None, None),
        cost_usd: float | None = None,
    ) -> None:
        agrees = None if said is None else drawn.serving.loaded.plain_answers([said])[0] == drawn.output
        self._count("agrees" if agrees else "no answer" if agrees is None else "differs")
        policy, now = drawn.serving.policy, datetime.now(UTC).isoformat()
        common = {"call_id": drawn.call_id, "student_id": policy.student_id, "task_id": policy.task_id}
        self._journal.add(
            "audits",
            common
            | {"cluster": drawn.cluster, "audit_id": f"audit_{uuid.uuid4().hex}", "agrees": agrees}
            | {
                "propensity": drawn.propensity,
                "audited_at": now,
                "teacher_model": drawn.body["model"],
                "reason": reason,
            }
            | {"input_tokens": tokens[0], "output_tokens": tokens[1], "cost_usd": cost_usd},
        )
        if agrees is False:
            self._journal.add("failures", failure(drawn, "audit", said, now))


def failure(drawn: Drawn, reason: str, teacher_output: str | None, now: str) -> dict[str, Any]:
    """One row for the failure queue."""
    policy = drawn.serving.policy
    return {
        "failure_id": f"failure_{uuid.uuid4().hex}", "call_id": drawn.call_id, "student_id": policy.student_id,
        "task_id": policy.task_id, "reason": reason, "cluster": drawn.cluster, "input_text": drawn.text,
        "student_output": drawn.output, "teacher_output": teacher_output, "detail": None, "happened_at": now,
    }  # fmt: skip
