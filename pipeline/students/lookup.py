"""``lookup``: repeats answered from what the teacher said before. The cheapest student there is.

Takes any sort of answer and trains nothing. It pays where the same inputs come again and again; an input that it has
not seen goes to the teacher.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import DataMissing
from analytics.labels import normalise_input
from pipeline.contracts import Answer, AnswerKind
from pipeline.students import CARD, Lessons, Setup
from pipeline.students.parts.memory import form_hash
from pipeline.template import Template, find_template

ANSWERS: frozenset[AnswerKind] = frozenset({"label", "labels", "json", "text"})
OBJECTIVES = ("sequence",)
IGNORES_TRAINING = True
FORMAT = 1
PRIOR = 1.0  # pseudo-counts of the tuning rows, for and against: with few rows confidence stays away from 0 and 1


@dataclass(frozen=True)
class Lookup:
    """Hashed forms with the answer given most often to each."""

    template: Template
    answers: list[str]  # distinct
    places: dict[str, int]  # hash of a form, in hexadecimal: which answer
    hit_confidence: float  # share of repeats in later traffic that were answered the same
    kind: str = "lookup"

    def answer(self, texts: list[str]) -> list[Answer]:
        """The remembered answer; an unseen input gets the commonest one, without any confidence."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Answer:
        place = self.places.get(_key(self.template, text))
        if place is None:
            return Answer(self.answers[0], 0.0, 1.0)
        return Answer(self.answers[place], self.hit_confidence, 0.0)

    def save(self, folder: Path) -> None:
        """One JSON document; forms are hashed, so the inputs cannot be read back."""
        folder.mkdir(parents=True, exist_ok=True)
        data = {"kind": self.kind, "format": FORMAT, "template": vars(self.template), "answers": self.answers}
        data |= {"places": self.places, "hit_confidence": self.hit_confidence}
        (folder / CARD).write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True))


def load(folder: Path) -> Lookup:
    """A lookup as it was saved."""
    data = json.loads((folder / CARD).read_text())
    if data.get("format") != FORMAT:
        raise DataMissing(f"the student in {folder} was written by another version; train it again")
    return Lookup(Template(**data["template"]), data["answers"], data["places"], data["hit_confidence"])


def fit(train: Lessons, tune: Lessons, setup: Setup) -> Lookup:
    """Remember ``train``; see on ``tune`` how often a repeat is answered the same."""
    first = train.teaching()
    template = find_template(first.inputs)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text, answer in zip(first.inputs, first.answers, strict=True):
        counts[_key(template, text)][answer] += 1
    overall = Counter(first.answers)
    answers = [answer for answer, _ in sorted(overall.items(), key=lambda item: (-item[1], item[0]))]
    place = {answer: number for number, answer in enumerate(answers)}
    chosen = {key: place[found.most_common(1)[0][0]] for key, found in sorted(counts.items())}
    asked = [(_key(template, text), answer) for text, answer in zip(tune.inputs, tune.answers, strict=True)]
    hits = [answers[chosen[key]] == answer for key, answer in asked if key in chosen]
    return Lookup(template, answers, chosen, (sum(hits) + PRIOR) / (len(hits) + 2 * PRIOR))


def _key(template: Template, text: str) -> str:
    return f"{form_hash(normalise_input(template.bare(text))):016x}"
