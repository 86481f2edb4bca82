"""How calls look from outside their wording: who sends them, to which model, when, and what comes back.

Within one application these hardly depend on the topic of a text, so groups of texts that differ in one of them
are different applications, and groups that differ in none are probably one.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]

LEAST_ROWS = 20  # below this a difference is chance
SHORT_ANSWER = 40  # characters
RARE = 2  # an answer that came no more often says nothing of the set that answers come from
HOURS = 3  # of the day that count as one
TOPIC_DEPENDENT = {"size": 0.7}  # traits that a topic moves as well count less
_KEYS = re.compile(r'"([^"\n]{1,40})"\s*:')
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"\s*:?')
_NESTED = re.compile(r"(.)[{\[][^{}\[\]]*[}\]]", re.S)


@dataclass(frozen=True)
class Profile:
    """Counts of a group of calls: by trait, then by value."""

    rows: int
    traits: Mapping[str, Counter[str]]


def profile_of(rows: Iterable[Row]) -> Profile:
    """The profile of some rows of ``list_texts``; each distinct text counts once."""
    traits: dict[str, Counter[str]] = {name: Counter() for name in (*TRAITS, "answers")}
    count = 0
    for row in rows:
        count += 1
        for name, trait in TRAITS.items():
            traits[name][trait(row)] += 1
        traits["answers"].update(answer_items(row))
    return Profile(count, traits)


def form_of(row: Row) -> str:
    """What kind of answer came back, by its first characters."""
    answer = row["answer_head"] or ""
    if row["calls_tool"] or not answer:
        return "tool" if row["calls_tool"] else ""
    if answer[0] in "{[":
        return "json"
    if answer.startswith("```"):
        return "fence"
    if len(answer.split()) <= 3 and (row["answer_length"] or 0) < SHORT_ANSWER:
        return "number" if any(letter.isdigit() for letter in answer) else "words"
    return "prose"


def answer_items(row: Row) -> list[str]:
    """What can be compared between answers: the keys of JSON, a short answer itself."""
    form, answer = form_of(row), row["answer_head"] or ""
    if form == "json":
        return _outer_keys(answer)
    return [re.sub(r"[\W_]+", " ", answer.lower()).strip()] if form == "words" else []


def _outer_keys(answer: str) -> list[str]:
    """Keys of the outermost object, of an answer that may be cut."""
    flat = _STRINGS.sub(lambda found: found[0] if found[0].endswith(":") else '""', answer)
    while (shorter := _NESTED.sub(r"\1", flat)) != flat:
        flat = shorter
    opened = flat.find("{", 1)
    return _KEYS.findall(flat if opened < 0 else flat[:opened])


def doublings(value: int | None, steps: int = 2) -> str:
    """A size on a logarithmic scale; ``steps`` a doubling."""
    return "" if value is None else str(math.floor(steps * math.log2(1 + max(0, value))))


TRAITS: Mapping[str, Callable[[Row], str]] = {
    "model": lambda row: row["model"],
    "turns": lambda row: str(min(row["turns"] or 0, 6)),
    "form": form_of,
    "size": lambda row: doublings(row["answer_length"]),
    "hour": lambda row: str(row["first_at"].hour // HOURS),
}


def distance(one: Profile, other: Profile, traits: Sequence[str] = tuple(TRAITS)) -> float:
    """The largest divergence over the traits [bits, 0 to 1]; 0 where there is too little to tell."""
    if min(one.rows, other.rows) < LEAST_ROWS:
        return 0.0
    return max(
        TOPIC_DEPENDENT.get(name, 1.0) * divergence(_answered(one, name), _answered(other, name)) for name in traits
    )


def _answered(profile: Profile, name: str) -> Counter[str]:
    """Failed calls have no answer, which is no trait of their task."""
    counts = profile.traits[name]
    return Counter({value: count for value, count in counts.items() if value}) if name in ("form", "size") else counts


def divergence(one: Counter[str], other: Counter[str]) -> float:
    """Jensen-Shannon divergence [bits] less what two samples of one distribution show by chance.

    The bias of the plug-in estimate is (K - 1)(1/m + 1/n) / (8 ln 2) for K values (Grosse et al. 2002, eq. 21, for
    equal weights).
    """
    m, n = one.total(), other.total()
    if not m or not n:
        return 0.0
    values = one.keys() | other.keys()
    pairs = [(one[value] / m, other[value] / n) for value in values]
    mixed = _entropy([(p + q) / 2 for p, q in pairs])
    raw = mixed - (_entropy([p for p, _ in pairs]) + _entropy([q for _, q in pairs])) / 2
    return max(0.0, raw - (len(values) - 1) * (1 / m + 1 / n) / (8 * math.log(2)))


def _entropy(shares: Sequence[float]) -> float:
    return -sum(share * math.log2(share) for share in shares if share > 0)


def closed_answers(profile: Profile) -> Counter[str]:
    """Answers and JSON keys that come again and again; empty for free text."""
    items = profile.traits["answers"]
    often = Counter({item: count for item, count in items.items() if count > RARE})
    return often if often.total() >= 0.7 * items.total() and items.total() >= 0.5 * profile.rows else Counter()


def answers_contradict(one: Profile, other: Profile) -> bool:
    """Are the answers of another kind, or from another closed set?"""
    if min(one.rows, other.rows) < LEAST_ROWS:
        return False
    if divergence(_answered(one, "form"), _answered(other, "form")) > 0.4:
        return True
    mine, theirs = closed_answers(one), closed_answers(other)
    return bool(mine and theirs) and shared_mass(mine, theirs) < 0.5


def shared_mass(one: Counter[str], other: Counter[str]) -> float:
    """Share of the answers of either side, whichever is less, that the other side gives too."""
    common = one.keys() & other.keys()
    return min(sum(side[item] for item in common) / max(1, side.total()) for side in (one, other))
