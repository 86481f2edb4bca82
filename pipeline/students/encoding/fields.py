"""Which fields of a JSON answer an encoder can fill: copied from the input, or chosen from a closed set."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.answers import as_json_object
from analytics.errors import QualityGateFailed

Object = Mapping[str, Any]
COPIED = 0.9  # of a field's values stand word for word in the input
MOST_CHOICES = 50
OFTEN = 3  # times a choice is seen
RARE_ROWS = 0.05  # of rows whose value is seen less often
ABSENT = ""  # a field that is not there; no JSON text is empty


@dataclass(frozen=True)
class Fields:
    """How each field is filled."""

    copied: tuple[str, ...]  # one string each
    listed: tuple[str, ...]  # an array of strings each
    chosen: Mapping[str, tuple[str, ...]]  # one of these JSON texts each
    empty: Mapping[str, str]  # how a copied or listed field says nothing: JSON text, or absent

    @property
    def tagged(self) -> tuple[str, ...]:
        """Keys that are found by tags, in the order of the tags."""
        return (*self.copied, *self.listed)

    def values(self, answer: Object) -> list[tuple[str, str]]:
        """(key, text) of every value that is copied."""
        singles = [(key, answer[key]) for key in self.copied if isinstance(answer.get(key), str)]
        several = [(key, one) for key in self.listed for one in answer.get(key) or [] if isinstance(one, str)]
        return [(key, text) for key, text in (*singles, *several) if text]

    def choices(self, answer: Object) -> list[int]:
        """Which choice each chosen field is; one never seen counts as the commonest."""
        return [_place(values, _written(answer, key)) for key, values in self.chosen.items()]

    def build(self, singles: dict[str, str], several: dict[str, list[str]], chosen: Sequence[int]) -> str:
        """The answer as plain JSON: a text for each copied key that was found, texts for each listed one."""
        written = dict(self.empty) | {key: json.dumps(text) for key, text in (singles | several).items()}
        written |= {key: values[place] for (key, values), place in zip(self.chosen.items(), chosen, strict=True)}
        found = {key: json.loads(text) for key, text in written.items() if text != ABSENT}
        return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def find_fields(inputs: Sequence[str], answers: Sequence[str]) -> Fields:
    """How to fill every field of these answers. Raises QualityGateFailed that names one which cannot be filled."""
    objects = [as_json_object(answer) or {} for answer in answers]
    copied, listed, chosen, empty = [], [], {}, {}
    for key in sorted({key for one in objects for key in one}):
        values = [one.get(key) for one in objects]
        empty[key] = _nothing(objects, key)
        if _is_copied(inputs, [[value] if value else [] for value in values]):
            copied.append(key)
        elif all(isinstance(value, list) for value in values if value) and _is_copied(
            inputs, [value or [] for value in values]
        ):
            listed.append(key)
        else:
            chosen[key] = _closed_set(objects, key)
    return Fields(tuple(copied), tuple(listed), chosen, {key: empty[key] for key in (*copied, *listed)})


def _is_copied(inputs: Sequence[str], values: Sequence[Sequence[Any]]) -> bool:
    pairs = [(text, value) for text, found in zip(inputs, values, strict=True) for value in found]
    if not pairs or not all(isinstance(value, str) for _, value in pairs):
        return False
    return sum(value in text for text, value in pairs) >= COPIED * len(pairs)


def _closed_set(objects: Sequence[Object], key: str) -> tuple[str, ...]:
    counts = Counter(_written(one, key) for one in objects)
    often = [text for text, count in counts.most_common() if count >= OFTEN]
    rare = sum(count for count in counts.values() if count < OFTEN)
    if not often or len(often) > MOST_CHOICES or rare > RARE_ROWS * len(objects):
        raise QualityGateFailed(
            f"an encoder cannot fill the field {key!r}: fewer than {COPIED:.0%} of its values are copied from the "
            f"input, and they are no closed set ({len(counts)} different in {len(objects)} rows). Use --student causal"
        )
    return tuple(often)


def _nothing(objects: Sequence[Object], key: str) -> str:
    """How a field says nothing, most often: it is absent, null, an empty text or an empty list."""
    counts = Counter(_written(one, key) for one in objects if not one.get(key))
    return counts.most_common(1)[0][0] if counts else ABSENT


def _written(answer: Object, key: str) -> str:
    if key not in answer:
        return ABSENT
    return json.dumps(answer[key], sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _place(values: Sequence[str], text: str) -> int:
    return values.index(text) if text in values else 0
