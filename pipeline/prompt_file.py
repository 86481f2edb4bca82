"""How an exported decoder must be asked: the same text around the input as in training, beside its weights."""

from pathlib import Path
from typing import Any

from pipeline.artifacts import write_json

FILE = "prompt.json"


def write_prompt(student: Any, folder: Path) -> str:
    """``prompt.json``; returns a note that says what it is."""
    chat, card = student.chat, student.card
    write_json(
        folder / FILE,
        {
            "before_the_input": chat.start,
            "after_the_input": chat.end,
            "stop_token_id": chat.stop_id,
            "taken_off_the_input": {"start": card.template.prefix, "end": card.template.suffix},
            "answer_kind": card.answer_kind,
            "allowed": card.vocabulary,
            "most_tokens": card.most_tokens,
        },
    )
    return (
        f"{FILE}: the text around the input in training. Confidence and routing need spiritsafe: these weights answer "
        "everything, sure or not, and nothing keeps their answers within JSON or the labels"
    )
