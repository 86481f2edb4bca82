"""The policy at work: one request in, one answer out, and a record of why.

The student is asked first and the teacher where its answer may not be served (a cascade). The server, the LiteLLM
plugin and the Python function are three doors to this.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from pipeline.contracts import Answer
from pipeline.router import replies
from pipeline.router.asked import Asked, Refused, read
from pipeline.router.audits import Drawn
from pipeline.router.batching import StudentBusy, StudentFailed
from pipeline.router.deadline import given_s
from pipeline.router.desk import Desk
from pipeline.router.notes import Exchange
from pipeline.router.rule import as_demanded, refusal
from pipeline.router.shelf import Serving
from pipeline.router.upstream import Response, UpstreamDown

CHAT = "/chat/completions"
JSON_TYPE = "application/json"
CALL_ID = "x-spiritsafe-call-id"  # under which the exchange is written down; a complaint names it
MOST_SAVED = 1_000_000  # bytes of a streamed answer that are kept for the log


@dataclass
class Reply:
    """What goes back: a whole body, or pieces as they come."""

    status: int
    headers: dict[str, str]
    body: bytes | None
    pieces: AsyncGenerator[bytes, None] | None = None
    route: str = "teacher"
    reason: str = ""


@dataclass
class Decided:
    """What became of asking the student."""

    reason: str
    serving: Serving | None = None
    answer: Answer | None = None
    output: str = ""
    is_valid: bool | None = None
    student_ms: float | None = None
    chance: float = 0.0  # of an audit
    cluster: str | None = None
    is_drawn: bool = False
    task_id: str | None = None

    @property
    def is_served(self) -> bool:
        """May the student's answer go out?"""
        return self.reason == "sure"


def now() -> str:
    """The time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat()


@dataclass
class Clock:
    """Where one request's time went [s]; what is neither student nor teacher is the router's own."""

    began_s: float = field(default_factory=time.perf_counter)
    at: str = field(default_factory=lambda: now())
    others_s: float = 0.0
    limit_s: float = 120.0

    @property
    def remaining_s(self) -> float:
        """Until the client gives up [s]."""
        return self.limit_s - (time.perf_counter() - self.began_s)

    @property
    def ms(self) -> float:
        """Since the request came [ms]."""
        return (time.perf_counter() - self.began_s) * 1000


class Router:
    """Everything that outlives a request is on its desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def complete(self, raw: bytes, headers: Mapping[str, str]) -> Reply:
        """Answer one chat request. Always gives a reply; only a client that goes away ends it otherwise."""
        clock, counters = Clock(limit_s=given_s(headers, self.desk.options.most_s)), self.desk.counters
        try:
            asked = read(raw, headers)
        except Refused as error:
            counters.add("errors_total", reason="refused")
            return failed(error.status, str(error), error.kind, reason="refused")
        decided = await self._ask_student(asked, clock)
        if decided.is_served:
            reply = self._serve(asked, decided, headers, clock)
        else:
            reply = await self._ask_teacher(asked, decided, raw, headers, clock)
        counters.took("router_seconds", time.perf_counter() - clock.began_s - clock.others_s)
        counters.add("requests_total", route=reply.route, reason=reply.reason, status=str(reply.status))
        return reply

    async def _ask_student(self, asked: Asked, clock: Clock) -> Decided:
        """The student's answer where one covers the task, with the reason why it may or may not go out."""
        task_id = self.desk.task_of(asked)
        serving = self.desk.shelf.by_task.get(task_id) if task_id else None
        if serving is None:
            return Decided("no-student" if task_id else "no-task", task_id=task_id)
        refused = asked.teacher_only or self.desk.kept_back(serving)
        if refused:
            return Decided(refused, serving, task_id=task_id)
        began_s = time.perf_counter()
        decided = await self._answer(asked, serving, clock)
        spent_s = time.perf_counter() - began_s
        clock.others_s += spent_s
        decided.student_ms, decided.task_id = spent_s * 1000, task_id
        self.desk.counters.took("student_seconds", spent_s)
        return decided

    async def _answer(self, asked: Asked, serving: Serving, clock: Clock) -> Decided:
        breaker, limit_s = serving.breaker, self.desk.student_limit_s(serving, clock.remaining_s)
        if not breaker.allows():
            return Decided("student-resting", serving)
        try:
            async with asyncio.timeout(limit_s):
                answer = await serving.batcher.ask(asked.text)
        except StudentBusy:
            breaker.let_go()
            return Decided("student-busy", serving)
        except (TimeoutError, StudentFailed) as error:
            breaker.failed()
            return Decided("student-slow" if isinstance(error, TimeoutError) else "student-failed", serving)
        except BaseException:
            breaker.let_go()
            raise
        breaker.succeeded()
        output, is_valid = as_demanded(asked.body, answer.output)
        reason = refusal(answer, is_valid, serving.policy) or "sure"
        return Decided(reason, serving, answer, output, is_valid)

    def _serve(self, asked: Asked, decided: Decided, headers: Mapping[str, str], clock: Clock) -> Reply:
        serving, answer = decided.serving, decided.answer
        assert serving is not None and answer is not None
        call_id, usage = replies.new_id(), serving.tokens.usage(asked, decided.output)
        decided.cluster = serving.cluster_of(answer)
        decided.chance = serving.audit_chance(decided.cluster)
        decided.is_drawn = serving.dice.random() < decided.chance
        if decided.cluster is not None:
            serving.clusters.counts[decided.cluster] += 1
        whole = replies.completion(call_id, asked.model, decided.output, usage)
        self.desk.note(Exchange(call_id, clock.at, clock.ms, "student", asked, whole, 200, decided))
        if decided.is_drawn:
            self.desk.auditor.add(self._drawn(call_id, asked, decided, headers, usage))
        common = {"x-spiritsafe-route": "student", "x-spiritsafe-student": serving.policy.student_id, CALL_ID: call_id}
        if not asked.is_stream:
            return Reply(200, common | {"content-type": JSON_TYPE}, orjson.dumps(whole), None, "student", "sure")
        options = asked.body.get("stream_options")
        shown = usage if isinstance(options, dict) and options.get("include_usage") else None
        body = b"".join(replies.events(call_id, asked.model, decided.output, shown))
        return Reply(200, common | {"content-type": "text/event-stream"}, body, None, "student", "sure")

    def _drawn(
        self, call_id: str, asked: Asked, decided: Decided, headers: Mapping[str, str], usage: replies.Usage
    ) -> Drawn:
        assert decided.serving is not None and decided.answer is not None
        expected = self.desk.price(asked.model, usage.prompt_tokens, usage.completion_tokens)
        return Drawn(
            call_id, decided.serving, asked.body, headers, asked.text, decided.answer.output, decided.cluster,
            decided.chance, expected,
        )  # fmt: skip

    async def _ask_teacher(
        self, asked: Asked, decided: Decided, raw: bytes, headers: Mapping[str, str], clock: Clock
    ) -> Reply:
        began_s = time.perf_counter()
        call_id = replies.new_id()
        try:
            answer = await self.desk.upstream.send("POST", CHAT, raw, headers, max(1.0, clock.remaining_s))
            self.desk.heard_after(time.perf_counter() - began_s)
            shown = answer.headers | {"x-spiritsafe-route": "teacher", "x-spiritsafe-reason": decided.reason}
            shown[CALL_ID] = call_id
            if answer.is_stream and answer.status == 200:
                pieces = self._passed_on(answer, call_id, asked, decided, clock)
                return Reply(200, shown, None, pieces, "teacher", decided.reason)
            body = await answer.read()
        except UpstreamDown as error:
            return await self._without_teacher(call_id, asked, decided, error, headers, clock)
        finally:
            clock.others_s += time.perf_counter() - began_s
        self.desk.note(Exchange(call_id, clock.at, clock.ms, "teacher", asked, body, answer.status, decided))
        return Reply(answer.status, shown, body, None, "teacher", decided.reason)

    async def _passed_on(
        self, answer: Response, call_id: str, asked: Asked, decided: Decided, clock: Clock
    ) -> AsyncGenerator[bytes, None]:
        """The teacher's stream, piece by piece as it comes. Breaks off with an error event, never in silence."""
        saved, first_ms, status = bytearray(), None, 200
        try:
            async for piece in answer.pieces():
                first_ms = clock.ms if first_ms is None else first_ms
                if len(saved) < MOST_SAVED:
                    saved += piece
                yield piece
        except UpstreamDown as error:
            status = 502
            yield replies.event(replies.error(error.why, "api_error", "upstream_broke_off"))
        except BaseException:
            status = 499
            raise
        finally:
            answer.close()
            exchange = Exchange(call_id, clock.at, clock.ms, "teacher", asked, bytes(saved), status, decided)
            exchange.ttft_ms = first_ms
            self.desk.note(exchange)

    async def _without_teacher(
        self,
        call_id: str,
        asked: Asked,
        decided: Decided,
        error: UpstreamDown,
        headers: Mapping[str, str],
        clock: Clock,
    ) -> Reply:
        """The teacher is down: a request that only the lot kept from the student goes there now, the rest fail."""
        if decided.reason == "not-drawn" and decided.serving is not None:
            second = await self._answer(asked, decided.serving, clock)
            second.task_id = decided.task_id
            if second.is_served:
                return self._serve(asked, second, headers, clock)
        self.desk.note(Exchange(call_id, clock.at, clock.ms, "teacher", asked, b"", 503, decided))
        self.desk.counters.add("errors_total", reason="teacher-down")
        reply = failed(503, error.why, "api_error", reason=decided.reason)
        reply.headers["retry-after"] = str(max(1, round(error.retry_after_s)))
        return reply


def failed(status: int, message: str, kind: str, *, reason: str) -> Reply:
    """An error in OpenAI's form."""
    body = orjson.dumps(replies.error(message, kind))
    return Reply(status, {"content-type": JSON_TYPE, "x-spiritsafe-reason": reason}, body, None, "error", reason)
