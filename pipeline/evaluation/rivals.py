"""Others that a plan asks to be compared with: the untuned base, a few-shot cheaper model, and a judge.

Each is asked about the newest new inputs, as many as the plan says. Whoever cannot be measured is named with the
reason: nothing is paid without a cap, and a cap that is reached ends the comparison and not the run.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from analytics.errors import BudgetReached, InputError
from analytics.workspace import Workspace
from pipeline import judges
from pipeline.answer_kind import plain_forms
from pipeline.contracts import PlanSpec, StageInputs, Teaching
from pipeline.evaluation.compared import NEW, Compared
from pipeline.evaluation.judged import judge_report
from pipeline.examples import ROWS, read_table, texts
from pipeline.judges import Judged
from pipeline.teacher import ProviderError
from pipeline.teaching.asker import Asker
from pipeline.teaching.patience import USUAL, Patience
from pipeline.teaching.prompts import instruction
from pipeline.teaching.request import Request
from pipeline.teaching.session import open_asker
from pipeline.teaching.tokens import count_tokens

FEW_SHOT, UNTUNED = "few-shot:", "untuned"
SHOTS = 8
MOST_TOKENS = 256
JUDGE = "pairwise"

T = TypeVar("T")
Answers = list[str | None]  # one entry a row of the traffic; None: not asked, or no answer


@dataclass
class Rivals:
    """What came of it."""

    answers: dict[str, Answers] = field(default_factory=dict)
    not_measured: list[dict[str, str]] = field(default_factory=list)
    judges: list[dict[str, object]] = field(default_factory=list)


def ask_rivals(spec: PlanSpec, inputs: StageInputs, compared: Compared, patience: Patience = USUAL) -> Rivals:
    """Everyone that the plan names."""
    found, split = Rivals(), inputs.folders["split"]
    places = compared.places(NEW)[-spec.evaluating.rows :]
    for name in spec.evaluating.compare:
        ask = _untuned if name == UNTUNED else _few_shot
        try:
            found.answers[name] = _spread(ask(spec, inputs, split, compared, places, name, patience), places, compared)
        except (BudgetReached, ProviderError, InputError) as error:
            found.not_measured.append({"name": name, "why": str(error)})
    if spec.evaluating.judge is not None:
        try:
            found.judges.append(_judge(spec, inputs, compared, places, patience))
        except (BudgetReached, ProviderError, InputError) as error:
            found.not_measured.append({"name": f"judge {spec.evaluating.judge}", "why": str(error)})
    return found


def _spread(said: Sequence[str | None], places: Sequence[int], compared: Compared) -> Answers:
    answers: Answers = [None] * len(compared.inputs)
    for place, answer in zip(places, said, strict=True):
        answers[place] = answer
    return answers


def _untuned(
    spec: PlanSpec, inputs: StageInputs, split: Path, compared: Compared, places: Sequence[int], name: str, _: Patience
) -> Sequence[str | None]:
    """The student's own base, told what to do and shown nothing, free to write anything."""
    if spec.student != "causal":
        raise InputError(f"a {spec.student} has no base that answers by itself")
    from pipeline.base_models import find_base
    from pipeline.students.neural.chat import make_chat
    from pipeline.students.neural.decode import decode
    from pipeline.students.neural.recipe import device_name
    from pipeline.students.neural.weights import read_tokenizer, read_weights

    base, (told, shots) = find_base(spec.base), _wording(split, compared)
    chat = make_chat(read_tokenizer(base), told)
    model = read_weights(base).to(device_name()).eval()
    most = 2 * max(count_tokens(answer) for _, answer in shots) + 8
    written = decode(model, chat, [compared.inputs[place] for place in places], min(most, MOST_TOKENS))
    return _plain([one.text for one in written], compared)


def _few_shot(
    spec: PlanSpec,
    inputs: StageInputs,
    split: Path,
    compared: Compared,
    places: Sequence[int],
    name: str,
    patience: Patience,
) -> Sequence[str | None]:
    """A cheaper model, shown some lessons of different answers as earlier turns."""
    told, shots = _wording(split, compared)
    turns = [turn for text, answer in shots for turn in (("user", text), ("assistant", answer))]
    requests = [
        Request((("system", told), *turns, ("user", compared.inputs[place])), MOST_TOKENS, job="few-shot")
        for place in places
    ]
    replies = _asked(spec, inputs, name.removeprefix(FEW_SHOT), patience, lambda asker: asker.ask_all(requests))
    said = [None if reply is None else reply.text for reply in replies]
    known = iter(_plain([answer for answer in said if answer is not None], compared))
    return [None if answer is None else next(known) for answer in said]


def _judge(
    spec: PlanSpec, inputs: StageInputs, compared: Compared, places: Sequence[int], patience: Patience
) -> dict[str, object]:
    """A judge's word on the answers that differ from the teacher's, held against gold where it is known."""
    model = str(spec.evaluating.judge)
    said, teacher, gold = compared.said, compared.teacher, compared.gold
    differ = [place for place in places if said[place] != teacher[place]]
    rows = [Judged(compared.inputs[place], said[place], teacher[place]) for place in differ]
    verdicts = _asked(spec, inputs, model, patience, lambda asker: judges.find(JUDGE).judge(asker, rows))
    truth = [None if gold[at] is None else said[at] == gold[at] or teacher[at] != gold[at] for at in differ]
    return asdict(judge_report(JUDGE, model, verdicts, truth))


def _asked(spec: PlanSpec, inputs: StageInputs, model: str, patience: Patience, ask: Callable[[Asker], T]) -> T:
    if spec.cap_usd is None:
        raise InputError(f"{model} is asked only under a cap; plan it with --cap USD")
    teaching = Teaching(model, spec.evaluating.api_base)
    with open_asker(Workspace(inputs.home), inputs.run_id, teaching, spec.cap_usd, patience) as asker:
        return ask(asker)


def _wording(split: Path, compared: Compared) -> tuple[str, list[tuple[str, str]]]:
    """What the task is, in the log's own words where it has some, and lessons to show: one an answer, seeded."""
    lessons = read_table(split / "train.parquet", ROWS)
    rows = list(zip(texts(lessons, "input_text"), texts(lessons, "label"), strict=True))
    random.Random(compared.seed).shuffle(rows)
    first = {answer: (text, answer) for text, answer in reversed(rows)}
    shots = list(first.values())[:SHOTS]
    prompts = Counter(prompt for prompt in texts(lessons, "system_prompt") if prompt)
    told = prompts.most_common(1)[0][0] if prompts else None
    return told or instruction([(text, answer) for text, answer in rows], compared.known.answer_kind), shots


def _plain(answers: Sequence[str], compared: Compared) -> list[str]:
    return plain_forms(answers, compared.known.answer_kind, compared.teacher)
