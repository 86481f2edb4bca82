"""Wordings that texts share at their start or end, with something that varies beside them.

An instruction before or after the input, a few-shot prefix, a system prompt with a retrieved document in it: all
are a fixed run of words and a hole. A run of first words is followed for as long as nearly all texts share it.
Where it forks into few long runs, each is a wording of its own: two prompts with one preamble, say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics.tasks.templates import mask

Words = tuple[str, ...]

LONG = 8  # words that a shared start needs when nothing else marks its end
SHORT = 3  # words that are enough when a sentence or a line ends after them
LONG_END = 6
SHORT_END = 4
MIN_MEMBERS = 30  # distinct texts that must share a wording before it counts
NEARLY_ALL = 0.9  # of the texts follow the run
DIVERSE = 0.5  # of the texts may go on with the same word after a short start
LINE = "⏎"
_ENDS = (".", ":", "?", "!", LINE)


@dataclass(frozen=True)
class Wording:
    """A shared start or end. Texts with one ``family`` forked from one start."""

    first: Words
    last: Words
    family: Words

    @property
    def text(self) -> str:
        """As one would show it."""
        return " ".join([*self.first, *(("…",) if self.last else ()), *self.last]).replace(f" {LINE}", "")


def words_of(text: str) -> Words:
    """Masked words of a text; a line break counts as a word, since instructions often end with one."""
    return tuple(mask(text.replace("\n", f" {LINE} ")).split())


def find_wordings(starts: Sequence[Words], ends: Sequence[Words], least: int = MIN_MEMBERS) -> list[Wording | None]:
    """The wording of each distinct text, or None. starts, ends: its first and its last words."""
    found: list[Wording | None] = [None] * len(starts)
    _take(found, _by_start(starts, range(len(starts)), LONG, least))
    _take(found, _by_end(ends, _free(found), least))
    for width in range(LONG - 1, SHORT - 1, -1):
        _take(found, _short_starts(starts, _free(found), width, least))
    return found


def _free(found: Sequence[Wording | None]) -> list[int]:
    return [index for index, wording in enumerate(found) if wording is None]


def _take(found: list[Wording | None], groups: Iterable[tuple[Wording, list[int]]]) -> None:
    for wording, members in groups:
        for index in members:
            found[index] = wording


def _by_start(
    starts: Sequence[Words], members: Iterable[int], width: int, least: int
) -> list[tuple[Wording, list[int]]]:
    groups: dict[Words, list[int]] = defaultdict(list)
    for index in members:
        if len(starts[index]) > width:
            groups[starts[index][:width]].append(index)
    return [
        (Wording(run, (), head), part)
        for head, group in groups.items()
        if len(group) >= least
        for run, part in _fork(starts, group, width, least)
    ]


def _fork(starts: Sequence[Words], members: list[int], at: int, least: int) -> list[tuple[Words, list[int]]]:
    """Follow a run; where it forks into several long runs, follow each."""
    run, left = _follow(starts, members, at, NEARLY_ALL * len(members))
    heads: dict[str, list[int]] = defaultdict(list)
    for index in members:
        if starts[index][: len(run)] == run and len(starts[index]) > len(run):
            heads[starts[index][len(run)]].append(index)
    long = [part for part in heads.values() if len(part) >= least and _goes_on(starts, part, len(run) + 1)]
    if len(long) < 2 and not (long and len(long[0]) < NEARLY_ALL * len(left)):
        return [(run, members)]
    forked = [branch for part in long for branch in _fork(starts, part, len(run) + 1, least)]
    taken = {index for _, part in forked for index in part}
    rest = [index for index in members if index not in taken]
    return [*forked, (run, rest)] if rest else forked


def _goes_on(starts: Sequence[Words], members: list[int], at: int) -> bool:
    return len(_follow(starts, members, at, NEARLY_ALL * len(members))[0]) >= at + LONG


def _follow(starts: Sequence[Words], members: Sequence[int], at: int, least: float) -> tuple[Words, list[int]]:
    """The longest run of first words that ``least`` texts share, and those texts."""
    run, left = starts[members[0]][:at], list(members)
    while True:
        heads = Counter(starts[index][len(run)] for index in left if len(starts[index]) > len(run))
        if not heads:
            return run, left
        word, count = heads.most_common(1)[0]
        if count < least:
            return run, left
        left = [index for index in left if len(starts[index]) > len(run) and starts[index][len(run)] == word]
        run = (*run, word)


def _by_end(ends: Sequence[Words], members: list[int], least: int) -> list[tuple[Wording, list[int]]]:
    """Instructions after the input: the same search, backwards."""
    backwards = {index: ends[index][::-1] for index in members}
    found: list[tuple[Wording, list[int]]] = []
    for width in (LONG_END, SHORT_END):
        groups: dict[Words, list[int]] = defaultdict(list)
        for index in members:
            if len(ends[index]) > width and (width == LONG_END or _marked_end(backwards[index][:width])):
                groups[backwards[index][:width]].append(index)
        turned = [backwards.get(index, ()) for index in range(len(ends))]
        for group in [group for group in groups.values() if len(group) >= least]:
            run, _ = _follow(turned, group, width, NEARLY_ALL * len(group))
            found.append((Wording((), run[::-1], run[::-1]), group))
            taken = set(group)
            members = [index for index in members if index not in taken]
    return found


def _marked_end(backwards: Words) -> bool:
    return LINE in backwards or any(word.endswith(_ENDS) for word in backwards[1:])


def _short_starts(
    starts: Sequence[Words], members: list[int], width: int, least: int
) -> list[tuple[Wording, list[int]]]:
    """Short instructions: a few words that end a sentence or a line, followed by many different ones."""
    groups: dict[Words, list[int]] = defaultdict(list)
    for index in members:
        head = starts[index][:width]
        if len(starts[index]) > width and (head[-1].endswith(_ENDS) or starts[index][width] == LINE):
            groups[head].append(index)
    return [
        (Wording(head, (), head), group)
        for head, group in groups.items()
        if len(group) >= least and _diverse([starts[index][width] for index in group])
    ]


def _diverse(following: Sequence[str]) -> bool:
    return following[0] == LINE or Counter(following).most_common(1)[0][1] <= DIVERSE * len(following)


class WordingIndex:
    """Which of the known wordings a text has: the one that it agrees with longest."""

    def __init__(self, wordings: Sequence[Wording]) -> None:
        self.by_start: dict[Words, list[int]] = defaultdict(list)
        self.by_end: dict[Words, list[int]] = defaultdict(list)
        self.wordings = wordings
        for place, wording in enumerate(wordings):
            if wording.first:
                self.by_start[wording.first[:LONG]].append(place)
            else:
                self.by_end[wording.last[-LONG_END:]].append(place)
        self.start_widths = sorted({len(head) for head in self.by_start}, reverse=True)
        self.end_widths = sorted({len(tail) for tail in self.by_end}, reverse=True)

    def find(self, start: Words, end: Words) -> int | None:
        """Place of the wording in the list, or None."""
        long = [width for width in self.start_widths if width >= LONG]
        short = [width for width in self.start_widths if width < LONG]
        searches = ((self._start, start, long), (self._end, end, self.end_widths), (self._start, start, short))
        found = (search(words, widths) for search, words, widths in searches)
        return next((place for place in found if place is not None), None)

    def is_forked(self, place: int) -> bool:
        """Do other wordings begin with the same words, so that more of the text must be read?"""
        return len(self.by_start.get(self.wordings[place].first[:LONG], ())) > 1

    def _start(self, start: Words, widths: Sequence[int]) -> int | None:
        for width in widths:
            places = self.by_start.get(start[:width])
            if places and len(start) > width:
                return max(places, key=lambda place: _agreement(start, self.wordings[place].first))
        return None

    def _end(self, end: Words, widths: Sequence[int]) -> int | None:
        for width in widths:
            places = self.by_end.get(end[-width:])
            if places and len(end) > width:
                return max(places, key=lambda place: _agreement(end[::-1], self.wordings[place].last[::-1]))
        return None


def _agreement(words: Words, run: Words) -> tuple[bool, int]:
    """How far the words follow the run; a run followed to its end is better than any other."""
    shared = next((at for at, (one, other) in enumerate(zip(words, run, strict=False)) if one != other), len(run))
    return shared >= len(run), min(shared, len(words))
