"""What sort of answer a task gives, and when two answers mean the same.

Form is put aside when answers are compared: key order and white space of JSON, the order of several labels, and the
formatting slips that ``analytics.labels`` knows.
"""

import json
from collections import Counter
from collections.abc import Sequence

from analytics.answers import as_json_object, canonical_answers
from analytics.labels import apply_repairs, repair_answer, repairs
from pipeline.contracts import AnswerKind

MAX_LABELS = 500
SEEN_OFTEN = 3  # times; a label seen less is hardly part of a set
OPEN_SHARE = 0.5  # of rows whose answer is hardly ever repeated, from which the answers are no closed set
LIST_SHARE = 0.9  # of answers that read as a list of labels, from which the task gives several
SEVERAL_SHARE = 0.05  # of answers that name more than one


def find_kind(answers: Sequence[str]) -> AnswerKind:
    """The sort of answer that most of these are.

    >>> find_kind(['{"a": 1}', '{"a": 2}', "oops"])
    'json'
    >>> find_kind(["yes", "no", "yes", "no", "yes", "no"])
    'label'
    """
    written = [answer.strip() for answer in answers]
    if 2 * sum(as_json_object(answer) is not None for answer in written) > len(written):
        return "json"
    if _is_list_task(written):
        return "labels"
    return "label" if is_closed_set(Counter(apply_repairs(written, repairs(written)))) else "text"


def is_closed_set(counts: Counter[str]) -> bool:
    """Whether answers are chosen from a set: not too many, and most of them seen again and again."""
    often = sum(count >= SEEN_OFTEN for count in counts.values())
    rare_rows = sum(count for count in counts.values() if count < SEEN_OFTEN)
    return often <= MAX_LABELS and rare_rows <= OPEN_SHARE * counts.total()


def plain_forms(answers: Sequence[str], kind: AnswerKind, learned_from: Sequence[str]) -> list[str]:
    """Answers as they are compared; ``learned_from`` are those that say which forms are slips."""
    if kind == "json":
        return [plain_json(answer) for answer in answers]
    if kind == "labels":
        return [plain_list(answer) for answer in answers]
    if kind == "text":
        return [answer.strip() for answer in answers]
    return apply_repairs(answers, repairs(learned_from))


def plain_json(answer: str) -> str:
    """The object with sorted keys, in one line; what is no object stays as it is written."""
    return canonical_answers([answer])[0] if as_json_object(answer.strip()) is not None else answer.strip()


def plain_list(answer: str) -> str:
    """Labels as a sorted JSON array.

    >>> plain_list("b, a")
    '["a", "b"]'
    """
    return json.dumps(sorted(set(list_labels(answer))), ensure_ascii=False)


def list_labels(answer: str) -> list[str]:
    """The labels that an answer names: a JSON array of strings, or parts between commas, semicolons or lines."""
    text = repair_answer(answer)
    if text[:1] == "[":
        try:
            found = json.loads(text)
        except ValueError:
            return [text]
        return [str(one) for one in found] if isinstance(found, list) else [text]
    parts = text.replace(";", ",").replace("\n", ",").split(",")
    return [part.strip() for part in parts if part.strip()]


def _is_list_task(answers: Sequence[str]) -> bool:
    """Several answers name more than one label, and nearly all labels come from a closed set."""
    lists = [list_labels(answer) for answer in answers]
    labels = Counter(label for names in lists for label in names)
    several = sum(len(names) > 1 for names in lists)
    if several < max(SEEN_OFTEN, SEVERAL_SHARE * len(answers)):
        return False
    in_set = sum(all(labels[name] >= SEEN_OFTEN for name in names) for names in lists)
    return is_closed_set(labels) and in_set >= LIST_SHARE * len(answers)
