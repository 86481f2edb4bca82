"""What is known of the rows that taught a student, as far as it explains a failure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from analytics.statistics import quantile
from pipeline.examples import ROWS, read_table, texts
from pipeline.periods import LEARNING


@dataclass(frozen=True)
class LessonFacts:
    """Counts over the lessons."""

    answers: Counter[str]  # lessons of each plain answer
    by_group: dict[int, Counter[str]]  # what the teacher said to near-duplicates, lessons or not
    words: frozenset[str]
    long_from: float  # characters of a form that nine of ten lessons do not exceed

    def lessons_of(self, answer: str) -> int:
        """Lessons with this answer."""
        return self.answers[answer]

    def wavers(self, group: int, answer: str) -> bool:
        """Whether the teacher also said something else to near-duplicates of an input."""
        said = self.by_group.get(group, Counter())
        return bool(said.total() - said[answer])

    def new_word_share(self, forms: Sequence[str]) -> float | None:
        """Share of the texts' words that no lesson has; None without words."""
        words = [word for form in forms for word in form.split()]
        return sum(word not in self.words for word in words) / len(words) if words else None


def lesson_facts(split: Path) -> LessonFacts:
    """Of the learning periods; what the teacher said to near-duplicates is counted over the newest traffic too."""
    learned = pa.concat_tables([read_table(split / f"{name}.parquet", ROWS) for name in LEARNING])
    taught = learned.filter(pc.is_null(learned["drop_reason"]))
    everything = pa.concat_tables([learned, read_table(split / "traffic.parquet", ROWS)])
    by_group: dict[int, Counter[str]] = defaultdict(Counter)
    for group, label in zip(everything["group"].to_pylist(), texts(everything, "label"), strict=True):
        by_group[group][label] += 1
    forms = texts(taught, "form")
    return LessonFacts(
        Counter(texts(taught, "label")),
        dict(by_group),
        frozenset(word for form in forms for word in form.split()),
        quantile([len(form) for form in forms], 0.9) or 0.0,
    )


@dataclass(frozen=True)
class ThinClass:
    """An answer that comes in traffic and was hardly taught."""

    label: str
    lessons: int
    calls: int  # of the newest traffic


def thin_classes(facts: LessonFacts, teacher: Sequence[str], few: int) -> list[ThinClass]:
    """Answers of the newest traffic with fewer lessons than ``few``, the most asked for first."""
    counts = Counter(teacher)
    found = [ThinClass(label, facts.lessons_of(label), times) for label, times in counts.items()]
    return sorted((one for one in found if one.lessons < few), key=lambda one: (-one.calls, one.label))
