"""A decoder behind a server of its exported weights (vLLM, llama.cpp, any OpenAI-compatible ``/v1/completions``).

The server says tokens with their log-probabilities; what makes them an answer that may be trusted stays here: the text
around the input, the familiar inputs, and the model of correctness. Entropies come from the few likeliest tokens that
such servers tell, the rest counted as one, so they are a little low: the threshold of such a student is therefore found
anew on its own answers (``spiritsafe router promote --student-url``) and never taken over from the card.
"""

import json
import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analytics.errors import DataMissing, InputError, SpiritsafeError
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.answer_kind import plain_forms
from pipeline.contracts import Answer
from pipeline.loaded import STUDENT
from pipeline.routing import Calibration, read_calibration
from pipeline.students.neural.closing import closed
from pipeline.students.neural.decode import Written
from pipeline.students.neural.saved import ARRAYS, CARD, Card
from pipeline.students.neural.sureness import token_signals
from pipeline.students.parts.confidence import Confidence
from pipeline.students.parts.familiar import Familiar, load_familiar
from pipeline.template import Template

TOGETHER = 16  # requests to the server at once; it batches them itself
TOP = 5  # likeliest tokens that are asked for
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Remote:
    """Answers as the decoder in process does, up to rounding and the entropies."""

    url: str
    model: str
    start: str  # text of the prompt before the input
    end: str
    card: Card
    confidence: Confidence
    familiar: Familiar
    client: Any  # httpx.Client
    pool: ThreadPoolExecutor
    kind: str = "causal"

    def answer(self, texts: list[str]) -> list[Answer]:
        """Answers in the order of ``texts``. Raises SpiritsafeError where the server fails."""
        bare = [self.card.template.bare(text) for text in texts]
        written = list(self.pool.map(self._complete, bare))
        far = self.familiar.distances(bare)
        sure = self.confidence.probability(token_signals(written, far))
        said = [self._plain(one) for one in written]
        rows = zip(plain_forms(said, self.card.answer_kind, ()), written, sure, far, strict=True)
        return [
            Answer(text, float(chance) if self._is_whole(text, one) else 0.0, float(far_))
            for text, one, chance, far_ in rows
        ]

    def strangeness(self, texts: list[str]) -> list[float]:
        """Distance to the nearest lesson, without asking the server."""
        return [float(far) for far in self.familiar.distances([self.card.template.bare(text) for text in texts])]

    def save(self, folder: Path) -> None:
        """Its weights are saved already; this is only where they answer."""
        raise InputError("a student behind a server is saved where it was made")

    def _plain(self, one: Written) -> str:
        return closed(one.text) if self.card.answer_kind == "json" and not one.is_finished else one.text

    def _is_whole(self, text: str, one: Written) -> bool:
        known = self.card.vocabulary
        return one.is_finished and (self.card.answer_kind != "label" or text in known)

    def _complete(self, text: str) -> Written:
        body = {
            "model": self.model, "prompt": self.start + text + self.end, "max_tokens": self.card.most_tokens,
            "temperature": 0, "logprobs": TOP,
        }  # fmt: skip
        answer = self.client.post(f"{self.url}/completions", json=body)
        if answer.status_code != 200:
            raise SpiritsafeError(f"the student's server at {self.url} answered with status {answer.status_code}")
        return written_of(answer.json())


def written_of(answer: Mapping[str, Any]) -> Written:
    """What a completion says and how sure its tokens were. Raises SpiritsafeError without log-probabilities."""
    choice = answer["choices"][0]
    told = choice.get("logprobs") or {}
    chosen = [float(one) for one in told.get("token_logprobs") or [] if one is not None]
    if not chosen:
        raise SpiritsafeError("the student's server gives no log-probabilities, so nothing tells when to trust it")
    tops = told.get("top_logprobs") or [{} for _ in chosen]
    entropies = [entropy(list((top or {}).values())) for top in tops]
    is_finished = choice.get("finish_reason") == "stop"
    return Written([0] * len(chosen), chosen, entropies, str(choice["text"]).strip(), is_finished)


def entropy(logprobs: list[float]) -> float:
    """Entropy of the tokens told, all others as one [nats]: a lower bound of the whole.

    >>> round(entropy([math.log(0.5), math.log(0.25)]), 4)
    1.0397
    """
    known = [math.exp(one) for one in logprobs]
    parts = [*known, max(0.0, 1.0 - sum(known))]
    return float(-sum(part * math.log(part) for part in parts if part > 0))


def open_remote(workspace: Workspace, student_id: str, url: str) -> tuple[Remote, registry.Card, Calibration]:
    """A registered decoder whose weights a server holds. Raises InputError for another kind, DataMissing."""
    import httpx

    folder = registry.find_student(workspace, student_id).folder(workspace)
    data = json.loads((folder / STUDENT / CARD).read_text())
    if data.get("kind") != "causal":
        raise InputError(f"{student_id} is a {data.get('kind')}: it answers in process and needs no server")
    client = httpx.Client(timeout=TIMEOUT_S)
    try:
        model = client.get(f"{url.rstrip('/')}/models").json()["data"][0]["id"]
    except (httpx.HTTPError, KeyError, IndexError, ValueError) as error:
        raise DataMissing(f"no model is served at {url}: {type(error).__name__}") from error
    return (
        _remote(folder / STUDENT, data, url.rstrip("/"), model, client),
        registry.read_card(folder),
        read_calibration(folder),
    )


def _remote(folder: Path, data: dict[str, Any], url: str, model: str, client: Any) -> Remote:
    from pipeline.base_models import find_base
    from pipeline.students.neural.chat import make_chat
    from pipeline.students.neural.weights import read_tokenizer

    kept = {name: value for name, value in data.items() if name not in ("kind", "format", "signals")}
    card = Card(**(kept | {"template": Template(**data["template"])}))
    arrays = dict(np.load(folder / ARRAYS, allow_pickle=False))
    confidence = Confidence(arrays["centres"], arrays["scales"], arrays["weights"], float(arrays["offset"]))
    chat = make_chat(read_tokenizer(find_base(card.base)), card.instructions)
    pool = ThreadPoolExecutor(TOGETHER, thread_name_prefix="ask-server")
    return Remote(url, model, chat.start, chat.end, card, confidence, load_familiar(folder), client, pool)
