"""What a student must beat: always the commonest answer, and looking up the log."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from pipeline.students import Lessons


@dataclass(frozen=True)
class Lookup:
    """Repeats answered from the log by the form of the input; anything else gets the commonest answer."""

    by_form: dict[str, str]
    majority: str

    def answer(self, forms: list[str]) -> list[str]:
        """Answers in the order of ``forms``."""
        return [self.by_form.get(form, self.majority) for form in forms]


def fit_lookup(lessons: Lessons) -> Lookup:
    """``lessons.inputs`` are forms here. The answer given most often wins, the first of equals."""
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for form, answer in zip(lessons.inputs, lessons.answers, strict=True):
        answers[form][answer] += 1
    majority = Counter(lessons.answers).most_common(1)[0][0]
    return Lookup({form: counts.most_common(1)[0][0] for form, counts in answers.items()}, majority)
