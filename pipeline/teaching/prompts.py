"""How a teacher is asked. Who changes a word raises ``request.TEMPLATE_VERSION``: old answers are to old questions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.answer_kind import SEEN_OFTEN
from pipeline.contracts import AnswerKind, Teaching
from pipeline.teaching.request import Request

EXAMPLES_SHOWN = 3
MOST_LABELS = 100
WHY_TOKENS = 120


@dataclass(frozen=True)
class Wording:
    """What all questions of a run share."""

    instruction: str | None  # for inputs that came without one; None: each has its own
    answer_kind: AnswerKind
    expected_tokens: int


def instruction(pairs: Sequence[tuple[str, str]], kind: AnswerKind) -> str:
    """An instruction found from examples, for pairs whose prompt nobody logged."""
    counts = Counter(answer for _, answer in pairs)
    if kind in ("label", "labels"):
        often = sorted(label for label, count in counts.most_common(MOST_LABELS) if count >= SEEN_OFTEN) or sorted(
            counts
        )
        wanted = "exactly one of these labels" if kind == "label" else "those of these labels that apply"
        return f"Classify the input. Answer with {wanted} and nothing else:\n" + "\n".join(often[:MOST_LABELS])
    shown = "\n\n".join(f"Input: {text}\nAnswer: {answer}" for text, answer in pairs[:EXAMPLES_SHOWN])
    form = "with a JSON object of the same form" if kind == "json" else "in the same way"
    return f"Answer the input {form} as in these examples, with nothing around it.\n\n{shown}"


def answer_request(
    teaching: Teaching, wording: Wording, text: str, system: str | None, job: str, sample: int | None = None
) -> Request:
    """The task itself. With a sample number: one of several answers, not the likeliest one."""
    head = system or wording.instruction
    messages = ((("system", head),) if head else ()) + (("user", text),)
    return Request(
        messages,
        teaching.max_output_tokens,
        temperature=0.0 if sample is None else 0.7,
        top_logprobs=teaching.top_logprobs if "logprobs" in teaching.jobs and sample is None else None,
        sample=sample or 0,
        job=job,
        expected_tokens=wording.expected_tokens,
    )


def rationale_request(text: str, answer: str, system: str | None) -> Request:
    """Why an answer is right, in a few sentences."""
    ask = (
        f"<input>\n{text}\n</input>\n<answer>\n{answer}\n</answer>\n"
        "In at most three sentences, say which parts of the input lead to this answer. Do not repeat the answer."
    )
    messages = ((("system", system),) if system else ()) + (("user", ask),)
    return Request(messages, 2 * WHY_TOKENS, job="rationale", expected_tokens=WHY_TOKENS // 2)
