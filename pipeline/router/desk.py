"""What a router keeps between requests: students, tasks, the teacher's API, audits, the journal and the counters."""

import asyncio
import gc
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from analytics.errors import InputError
from analytics.importers.envelope import provider_of
from analytics.privacy.history import key_used_before
from analytics.privacy.key import open_privacy
from analytics.workspace import Workspace
from pipeline.router.asked import Asked
from pipeline.router.audits import Auditor
from pipeline.router.cleaning import without_personal_data
from pipeline.router.counters import Counters
from pipeline.router.deadline import Usual, student_s
from pipeline.router.journal import Journal
from pipeline.router.notes import Exchange, rows
from pipeline.router.opening import open_for
from pipeline.router.recognise import Recogniser
from pipeline.router.scribe import Scribe
from pipeline.router.shelf import Opener, Serving, Shelf
from pipeline.router.upstream import LONGEST_S, Teacher
from pipeline.teaching.prices import TeacherPrice, find_price

SWITCH_S = 0.0005  # after which a thread that computes makes room for the one that answers; Python's own: 5 ms
LOOK_EVERY_S = 1.0  # at what is in force
RECENT = 5_000  # answered calls that are at hand when a complaint comes
RECENT_CHARACTERS = 20_000  # of one of them; longer ones are in the log alone, or memory would go with them


@dataclass(frozen=True)
class Options:
    """What is chosen when a router starts."""

    provider: str | None = None  # of the teacher, where its models' names do not tell
    most_s: float = LONGEST_S  # that a request may take, where the client does not say less
    has_scribe: bool = True  # rows are cleaned and written in another process; False: in a thread of this one


@dataclass
class Desk:
    """Made by ``open_desk``; belongs to one event loop."""

    workspace: Workspace
    upstream: Teacher
    options: Options
    shelf: Shelf
    recogniser: Recogniser
    journal: Journal | Scribe
    counters: Counters = field(default_factory=Counters)
    recent: "OrderedDict[str, Exchange]" = field(default_factory=OrderedDict)
    usual: Usual = field(default_factory=Usual)  # of the teacher
    say: Callable[[str], None] = print

    def __post_init__(self) -> None:
        self.price = lru_cache(maxsize=10_000)(self._price)
        self._rates: dict[str, TeacherPrice | None] = {}
        self.auditor = Auditor(
            self.upstream, self.journal, self.price, lambda how: self.counters.add("audits_total", outcome=how)
        )
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open connections, begin audits, and look for changes of what is in force."""
        gc.collect()
        gc.freeze()  # students and tasks stay: a collection need not walk them while requests wait
        sys.setswitchinterval(SWITCH_S)
        await self.upstream.open()
        self.auditor.start()
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End in order: no more audits, then the last rows on disk."""
        if self._watching is not None:
            self._watching.cancel()
        await self.auditor.stop()
        await self.upstream.close()
        await asyncio.to_thread(self.journal.close)
        gc.unfreeze()

    def task_of(self, asked: Asked) -> str | None:
        """The task of a request, where it is known."""
        return self.recogniser.find(asked)

    def kept_back(self, serving: Serving) -> str | None:
        """Why the lot keeps this request from the student; None when it does not."""
        share = serving.policy.traffic_share
        return "not-drawn" if share < 1 and serving.dice.random() >= share else None

    def student_limit_s(self, serving: Serving, remaining_s: float) -> float:
        """How long a student may take before the teacher is asked [s]."""
        return student_s(serving.policy.student_deadline_ms / 1000, remaining_s, self.usual.p95_s())

    def note(self, exchange: Exchange) -> None:
        """Write an exchange down; never waits."""
        exchange.provider = self.options.provider
        for kind, content in rows(exchange):
            self.journal.add(kind, content)
        if exchange.characters <= RECENT_CHARACTERS:
            self.recent[exchange.call_id] = exchange
        if len(self.recent) > RECENT:
            self.recent.popitem(last=False)

    def heard_after(self, seconds: float) -> None:
        """The teacher began to answer."""
        self.usual.seconds.append(seconds)
        self.counters.took("upstream_seconds", seconds)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self.shelf.is_touched():
                continue
            try:
                self.recogniser = await asyncio.to_thread(self.recogniser.newest)
                for change in await asyncio.to_thread(self.shelf.refresh):
                    self.say(f"now in force: {change}")
            except Exception as error:  # what is in force stays so; the next look tries again
                self.say(f"cannot exchange students: {type(error).__name__}: {error}")

    def _price(self, model: str, input_tokens: int, output_tokens: int) -> float | None:
        """USD at today's price; None where it is unknown."""
        if model not in self._rates:
            provider = self.options.provider or provider_of(model)
            try:
                named = model if "/" in model and not provider else f"{provider}/{model}"
                self._rates[model] = find_price(self.workspace, named, use_batch=False)
            except InputError:
                self._rates[model] = None
        rates = self._rates[model]
        return None if rates is None else rates.micros(input_tokens, output_tokens) / 1e6


def open_desk(
    workspace: Workspace,
    upstream: Teacher,
    options: Options | None = None,
    opener: Opener = open_for,
    say: Callable[[str], None] = print,
) -> Desk:
    """Read the tasks, open the students in force, begin a journal. Raises DataMissing before the first analysis."""
    options = options or Options()
    recogniser, shelf = Recogniser(workspace), Shelf(workspace, opener)
    for change in shelf.refresh():
        say(f"in force: {change}")
    return Desk(workspace, upstream, options, shelf, recogniser, _journal(workspace, options), say=say)


def _journal(workspace: Workspace, options: Options) -> Journal | Scribe:
    if options.has_scribe:
        return Scribe(workspace)
    privacy = open_privacy(workspace, key_used_before(workspace))
    return Journal(workspace, lambda row: without_personal_data(row, privacy))
