"""Where a student fails: its disagreements on new inputs in groups of like inputs, named, with what would help.

Groups are k-means clusters of the inputs' static embeddings, k growing with the square root of the failures; every
new input belongs to the nearest, which gives the error rate within. A name is the words that the group's failures
have more often than other new inputs (log odds with a prior, Monroe et al. 2008) and the commonest confusion. No input
is quoted: words stand in several of them, and examples are ids.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.contracts import Interval
from analytics.statistics import wilson
from pipeline.evaluation.compared import Compared
from pipeline.evaluation.lessons import LessonFacts
from pipeline.students.parts.steady import steady_sums

LEAST_FAILURES = 10  # fewer are one group
MOST_MODES = 12
EXAMPLES = 5
WORDS = 3
SHARED_BY = 3  # inputs that must have a word before it names anything
MANY = 0.5  # share of a group's failures that makes a cause its own
FEW_LESSONS = 20  # of a class


@dataclass(frozen=True)
class FailureMode:
    """One group of failures."""

    name: str
    failures: int
    share_of_failures: float
    error_rate: Interval | None  # within the group
    unsure_share: float  # of its failures with a confidence below one half
    commonest: str  # what the teacher said and what the student said
    examples: list[str]  # call ids
    would_help: list[str]


def failure_modes(compared: Compared, facts: LessonFacts) -> list[FailureMode]:
    """Groups of disagreements with the teacher on new inputs, the largest first."""
    places = compared.places("new inputs")
    failed = [place for place in places if compared.said[place] != compared.teacher[place]]
    if not failed:
        return []
    number = _groups(compared, places, failed)
    found = [_mode(compared, facts, places, failed, number, group) for group in sorted({number[at] for at in failed})]
    return sorted(found, key=lambda mode: (-mode.failures, mode.name))


def _groups(compared: Compared, places: Sequence[int], failed: Sequence[int]) -> dict[int, int]:
    """The group of each new input."""
    count = min(MOST_MODES, round(math.sqrt(len(failed) / 2)))
    if len(failed) < LEAST_FAILURES or count < 2:
        return dict.fromkeys(places, 0)
    from sklearn.cluster import KMeans

    from analytics.embed import embed

    with steady_sums():
        vectors = dict(zip(places, embed([compared.forms[place] for place in places]), strict=True))
        distinct = {compared.forms[place] for place in failed}
        model = KMeans(min(count, len(distinct)), n_init=3, random_state=compared.seed % 2**32)
        model.fit(np.stack([vectors[place] for place in failed]))
        nearest = model.predict(np.stack([vectors[place] for place in places]))
    return {place: int(group) for place, group in zip(places, nearest, strict=True)}


def _mode(
    compared: Compared,
    facts: LessonFacts,
    places: Sequence[int],
    failed: Sequence[int],
    number: dict[int, int],
    group: int,
) -> FailureMode:
    members = [place for place in places if number[place] == group]
    bad = [place for place in failed if number[place] == group]
    pairs = Counter((compared.teacher[place], compared.said[place]) for place in bad)
    words = contrasting_words([compared.forms[at] for at in bad], [compared.forms[at] for at in places])
    commonest = _confusion(compared, pairs)
    return FailureMode(
        name=", ".join(words) or commonest,
        failures=len(bad),
        share_of_failures=len(bad) / len(failed),
        error_rate=wilson(len(bad), len(members)),
        unsure_share=sum(compared.answers[place].confidence < 0.5 for place in bad) / len(bad),
        commonest=commonest,
        examples=[compared.call_ids[place] for place in bad[:EXAMPLES]] if compared.call_ids else [],
        would_help=what_would_help(compared, facts, bad),
    )


def _confusion(compared: Compared, pairs: Counter[tuple[str, str]]) -> str:
    """In words, for answers of a closed set; answers of other kinds may quote the input and are not shown."""
    if compared.known.answer_kind != "label":
        return f"answers of kind {compared.known.answer_kind} that differ"
    (wanted, said), times = pairs.most_common(1)[0]
    return f"{wanted} taken for {said} ({times} of {pairs.total()})"


def contrasting_words(inside: Sequence[str], everywhere: Sequence[str]) -> list[str]:
    """Words that some texts have more often than all do, the most telling first."""
    mine, all_ = (Counter(word for text in texts for word in set(text.split())) for texts in (inside, everywhere))
    scores = {}
    for word, count in mine.items():
        if count >= SHARED_BY and word.isalpha() and len(word) > 2:
            outside = max(all_[word] - count, 0)
            rest = max(len(everywhere) - len(inside), 0)
            odds = math.log((count + 0.5) / (len(inside) - count + 0.5)) - math.log(
                (outside + 0.5) / (rest - outside + 0.5)
            )
            spread = math.sqrt(1 / (count + 0.5) + 1 / (outside + 0.5))
            scores[word] = odds / spread
    telling = [word for word in scores if scores[word] > 1]
    return sorted(telling, key=lambda word: (-scores[word], word))[:WORDS]


def what_would_help(compared: Compared, facts: LessonFacts, bad: Sequence[int]) -> list[str]:
    """Causes that account for many of a group's failures, and the data that each asks for."""
    return [
        advice
        for advice in (
            _few_lessons(compared, facts, bad),
            _teacher_wavers(compared, facts, bad),
            _teacher_is_wrong(compared, bad),
            _new_words(compared, facts, bad),
            _long(compared, facts, bad),
        )
        if advice
    ] or [_more_like_these(compared, bad)]


def _more_like_these(compared: Compared, bad: Sequence[int]) -> str:
    if compared.known.answer_kind != "label":
        return "more lessons like these"
    pairs = Counter(tuple(sorted((compared.teacher[place], compared.said[place]))) for place in bad)
    one, other = min(pairs, key=lambda pair: (-pairs[pair], pair))
    return f"more lessons like these, above all such as tell {one} from {other}"


def _few_lessons(compared: Compared, facts: LessonFacts, bad: Sequence[int]) -> str | None:
    if compared.known.answer_kind != "label":
        return None
    wanted = Counter(compared.teacher[place] for place in bad)
    few = {label: facts.lessons_of(label) for label in wanted if facts.lessons_of(label) < FEW_LESSONS}
    if sum(wanted[label] for label in few) < MANY * len(bad):
        return None
    label = max(few, key=lambda one: (wanted[one], one))
    return f"few lessons of class {label}: {few[label]} in training; label or make up more of it"


def _teacher_wavers(compared: Compared, facts: LessonFacts, bad: Sequence[int]) -> str | None:
    wavering = sum(facts.wavers(compared.groups[place], compared.teacher[place]) for place in bad)
    if wavering < MANY * len(bad):
        return None
    return f"the teacher disagrees with itself on like inputs ({wavering} of {len(bad)}): have them answered again"


def _teacher_is_wrong(compared: Compared, bad: Sequence[int]) -> str | None:
    known = [place for place in bad if compared.gold[place] is not None]
    wrong = sum(compared.teacher[place] != compared.gold[place] for place in known)
    if not known or wrong < MANY * len(known):
        return None
    return f"the teacher is wrong by gold in {wrong} of {len(known)}: correct its answers"


def _new_words(compared: Compared, facts: LessonFacts, bad: Sequence[int]) -> str | None:
    mine = facts.new_word_share([compared.forms[place] for place in bad])
    usual = facts.new_word_share(compared.new(compared.forms))
    if mine is None or usual is None or mine < max(2 * usual, 0.1):
        return None
    return f"new words: {mine:.0%} of the words were never taught ({usual:.0%} usually); label recent inputs like these"


def _long(compared: Compared, facts: LessonFacts, bad: Sequence[int]) -> str | None:
    long = sum(len(compared.forms[place]) > facts.long_from for place in bad)
    if long < MANY * len(bad):
        return None
    return f"long inputs: {long} of {len(bad)} are longer than nine of ten lessons; label more long ones"
