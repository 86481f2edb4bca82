"""Tokens of a text, counted here and on the safe side: nothing is sent to learn what sending would cost."""

import importlib.util
import math
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from analytics.tokenizers import ANOTHER, family_of
from pipeline.teaching.request import Request

CHARACTERS_A_TOKEN = 3  # where no tokenizer is installed; English prose has about 4
AROUND_A_MESSAGE, AROUND_ALL = 4, 3  # tokens of the chat format
SAFETY = 1.1


@lru_cache(maxsize=1)
def _count() -> Callable[[str], int]:
    """The tokenizer that comes with litellm, read from its folder; importing litellm would take seconds."""
    try:
        found = importlib.util.find_spec("litellm")
        import tiktoken
    except ImportError:
        found = None
    if found is None or found.origin is None:
        return lambda text: math.ceil(len(text) / CHARACTERS_A_TOKEN)
    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(found.origin).parent / "litellm_core_utils" / "tokenizers")
    encoding = tiktoken.get_encoding("cl100k_base")
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def count_tokens(text: str) -> int:
    """Tokens of one text, by a widely used tokenizer."""
    return _count()(text)


def worst_ratio(model: str) -> float:
    """How many tokens another tokenizer may make of one of ours."""
    return 1.0 if family_of(model) in ("o200k", "cl100k") else float(ANOTHER.high)


def text_tokens(request: Request) -> int:
    """Tokens of a question's texts alone."""
    return sum(count_tokens(text) for _, text in request.messages)


def input_tokens(request: Request) -> int:
    """Tokens of a question, with its wrapping."""
    return AROUND_ALL + AROUND_A_MESSAGE * len(request.messages) + text_tokens(request)


def most_input_tokens(request: Request, model: str) -> int:
    """What may be billed for a question at most."""
    return math.ceil(input_tokens(request) * worst_ratio(model) * SAFETY)
