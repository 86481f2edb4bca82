"""Redaction of a block of calls, column by column, before any of it becomes a table.

Logs repeat themselves, so each text is looked at once. Nearly none holds anything personal, so RE2 (Arrow, about two
nanoseconds a byte and pass) picks those that may, and only these are looked at precisely.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import NoneType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from analytics.contracts import CALLS
from analytics.privacy.find import NAME_STAGES, STAGES
from analytics.privacy.spans import Detector
from analytics.privacy.text import redact_json, redact_text
from analytics.privacy.tokens import Privacy

FAILED = "not redacted"
KEPT_SIGNS = 32 << 20  # of the texts of each kind that a worker remembers
Redact = Callable[[str, Privacy, Counter[str], Sequence[Detector]], str]


class Outcome(NamedTuple):
    """What became of a text that holds something personal."""

    text: str | None  # None: it could not be redacted, and so must not be stored
    counts: Mapping[str, int]  # values replaced, by kind
    error: str | None = None


class Group(NamedTuple):
    """Columns that are looked at together."""

    columns: Mapping[Redact, tuple[str, ...]]
    stages: Sequence[Sequence[Detector]]


TEXTS = Group(
    {
        redact_text: ("system_prompt", "input_text", "first_user_text", "output_text", "error_class"),
        redact_json: ("messages", "tool_calls"),  # these are JSON by contract
    },
    STAGES,
)
NAMES = Group(
    {
        redact_text: (
            "call_id", "trace_id", "session_id", "app", "tags", "provider", "model", "operation", "service_tier",
            "served_by", "tool_names", "response_schema", "finish_reason", "status",
        )
    },
    NAME_STAGES,
)  # fmt: skip
LISTS = frozenset(field.name for field in CALLS if pa.types.is_list(field.type))
Columns = dict[str, Sequence[Any]]


@dataclass
class Redacted:
    """Columns without personal data that patterns can tell."""

    columns: Columns
    failed: dict[int, str] = field(default_factory=dict)  # rows that must not be stored, with the reason
    counts: Counter[str] = field(default_factory=Counter)  # values that were replaced, by kind


@dataclass
class Memory:
    """Texts looked at lately, and what became of those with something personal in them.

    Of names there is none: few are different, and ids never come again.
    """

    known: set[str] = field(default_factory=set)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    signs: int = 0

    def new_of(self, texts: set[str]) -> set[str]:
        """Those not looked at yet; from now on they count as known."""
        if self.signs > KEPT_SIGNS:
            self.known, self.outcomes, self.signs = set(), {}, 0
        new = texts - self.known
        self.known |= new
        self.signs += sum(map(len, new))
        return new


@lru_cache(maxsize=4)
def _memories(key: bytes) -> Mapping[tuple[str, ...], Memory]:
    """One for columns treated alike, in the workspace whose key this is: elsewhere a value has another token."""
    return {names: Memory() for names in TEXTS.columns.values()}


def redact_columns(columns: Columns, privacy: Privacy, as_text: Callable[[Any], str | None]) -> Redacted:
    """Every text redacted. A text whose redaction fails marks its rows: it is never passed on as it came.

    as_text: what is stored of a value that a source wrote where a text belongs.
    """
    found = Redacted(columns)
    _redact_group(found, TEXTS, _memories(privacy.key), privacy, as_text)
    _redact_group(found, NAMES, {names: Memory() for names in NAMES.columns.values()}, privacy, as_text)
    return found


def _redact_group(
    found: Redacted,
    group: Group,
    memories: Mapping[tuple[str, ...], Memory],
    privacy: Privacy,
    as_text: Callable[[Any], str | None],
) -> None:
    texts = {name: _texts(found, name, as_text) for names in group.columns.values() for name in names}
    new = {names: memories[names].new_of(set().union(*map(texts.__getitem__, names))) for names in memories}
    suspects = _suspects(list(set().union(*new.values())), group.stages)
    for redact, names in group.columns.items():
        outcomes = memories[names].outcomes
        outcomes.update(_outcomes(new[names] & suspects.keys(), suspects, redact, privacy))
        for name in names:
            if not outcomes.keys().isdisjoint(texts[name]):
                _apply(found, name, outcomes)


def _texts(found: Redacted, name: str, as_text: Callable[[Any], str | None]) -> set[str]:
    """The different texts of a column; of tags, those of every list. What is no text becomes one first."""
    column = found.columns[name]
    if name in LISTS:
        return {item for cell in column if type(cell) is list for item in cell if type(item) is str}
    try:
        texts = set(column)
        are_texts = set(map(type, texts)) <= {str, NoneType}
    except TypeError:  # a list or an object
        are_texts = False
    if not are_texts:
        found.columns[name] = [as_text(value) for value in column]
        texts = set(found.columns[name])
    texts.discard(None)
    return texts


def _apply(found: Redacted, name: str, outcomes: Mapping[str, Outcome]) -> None:
    """Put what became of the texts into a column."""
    changed = list(found.columns[name])
    if name in LISTS:
        for row, cell in enumerate(changed):
            if type(cell) is list:
                changed[row] = [_changed(found, name, row, outcomes[one]) if one in outcomes else one for one in cell]
    else:
        for row in [row for row, cell in enumerate(changed) if cell in outcomes]:
            changed[row] = _changed(found, name, row, outcomes[changed[row]])
    found.columns[name] = changed


def _changed(found: Redacted, name: str, row: int, outcome: Outcome) -> str | None:
    if outcome.error is not None:
        found.failed[row] = f"{FAILED}: {name}: {outcome.error}"
    found.counts.update(outcome.counts)
    return outcome.text


def _suspects(texts: Sequence[str], stages: Sequence[Sequence[Detector]]) -> dict[str, list[Detector]]:
    """Texts that may hold something, each with the detectors that may find it.

    A stage is one pass for all of its detectors, then one for each over what passed. Detectors whose gates make
    one small automaton share a stage; with all of them in one, it would outgrow the processor's cache.
    """
    cells = pa.array(texts, pa.string()).view(pa.binary())
    found: dict[str, list[Detector]] = {}
    for stage in stages:
        passed = _matching(cells, "|".join(f"(?:{one.gate})" for one in stage))
        few = cells.take(passed)
        places = passed.to_pylist()
        for detector in stage if places else ():
            for at in _matching(few, detector.narrow or detector.gate).to_pylist():
                found.setdefault(texts[places[at]], []).append(detector)
    return found


def _matching(cells: pa.Array, gate: str) -> pa.Array:
    """Places of the texts with a match."""
    return pc.indices_nonzero(pc.match_substring_regex(cells, gate))


def _outcomes(
    texts: Iterable[str], suspects: Mapping[str, list[Detector]], redact: Redact, privacy: Privacy
) -> Iterator[tuple[str, Outcome]]:
    """What becomes of those that do hold something."""
    for text in texts:
        outcome = _outcome(text, redact, privacy, suspects[text])
        if outcome is not None:
            yield text, outcome


def _outcome(text: str, redact: Redact, privacy: Privacy, detectors: Sequence[Detector]) -> Outcome | None:
    counts: Counter[str] = Counter()
    try:
        redacted = redact(text, privacy, counts, detectors)
    except Exception as error:  # whatever it is, the text must not be stored as it came
        return Outcome(None, {}, type(error).__name__)
    return Outcome(redacted, counts) if counts else None
