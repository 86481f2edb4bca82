"""Each component in one plain sentence, with its number: what a reader of the brief needs and nothing else."""

import math

from analytics.contracts import Interval
from analytics.narrowness import Narrowness

STEADY = 0.995  # a teacher that agrees with itself this often needs no warning


def explain(narrow: Narrowness, teacher_accuracy: Interval | None = None) -> dict[str, str]:
    """A sentence for every known component, by its name. teacher_accuracy: of its answers against gold."""
    sentences = {
        "template_share": _share(narrow.template_share, "of a prompt is the same every time."),
        "closed_label_rate": _closed(narrow),
        "schema_rate": _share(narrow.schema_rate, "of the answers are JSON with the same keys."),
        "output_concentration": _concentration(narrow),
        "majority_share": _share(
            narrow.majority_share, "of the answers are the commonest one; guessing it gets so far."
        ),
        "neighbour_agreement": _neighbour(narrow.neighbour_agreement),
        "novelty": _share(narrow.novelty, "of the calls ask something that the log holds only once."),
        "answer_novelty": _share(narrow.answer_novelty, "of the newest requests got an answer never given before."),
        "repeated_share": _share(narrow.repeated_share, "of the newest calls repeat a request that the log had seen."),
        "self_consistency": consistency(narrow),
        "teacher_accuracy": inherited(teacher_accuracy),
        "predicted_agreement": _predicted(narrow),
        "predicted_fine_tuned_agreement": _range(narrow.predicted_fine_tuned_agreement, _TUNED),
        "predicted_ood_share": _range(narrow.predicted_ood_share, _STRANGE),
        "output_spread": _spread(narrow.output_spread),
        "drift": drifting(narrow),
    }
    return {name: sentence for name, sentence in sentences.items() if sentence}


_TUNED = "A fine-tuned student, which nobody has trained yet, would answer {value} of new requests as the teacher did"
_STRANGE = "{value} of coming requests are unlike any that the log has answers for, and go to the teacher"


def consistency(narrow: Narrowness) -> str | None:
    """How often the teacher contradicts itself, and what that costs any student.

    The chance c that two answers agree is the sum of squared shares, so no single answer is given more often than in
    sqrt(c): agreement with the teacher cannot be higher on such requests.
    """
    steady = narrow.self_consistency
    if steady is None or not narrow.repeated_pairs:
        return None
    pairs = f"{steady:.1%} of {narrow.repeated_pairs:,} pairs"
    said = f"Asked the same thing twice, the teacher gives the same answer in {pairs}"
    if steady >= STEADY:
        return f"{said}."
    return f"{said}; a student inherits that and can agree with it on at most {math.sqrt(steady):.1%} of such requests."


def inherited(accuracy: Interval | None) -> str | None:
    """What a student learns of the teacher's mistakes, from answers with gold."""
    if accuracy is None:
        return None
    wrong = 1 - accuracy.value
    return (
        f"The teacher is wrong on {wrong:.1%} of {accuracy.n:,} answers with gold ({1 - accuracy.high:.1%} to "
        f"{1 - accuracy.low:.1%}); a student of these answers inherits the mistakes."
    )


def drifting(narrow: Narrowness) -> str | None:
    """The largest step between two months beside what chance shows."""
    found = narrow.drift
    if found is None:
        return None
    moved = f"From {found.between} the mix of {found.of} moved by {found.divergence:.3f} bits"
    if found.is_real:
        return f"{moved}, more than the {found.by_chance:.3f} that chance explains: the task changes."
    return f"{moved}, no more than chance shows (up to {found.by_chance:.3f}): the task is steady."


def _share(share: float | None, what: str) -> str | None:
    return None if share is None else f"{share:.0%} {what}"


def _range(found: Interval | None, what: str) -> str | None:
    if found is None:
        return None
    return f"{what.format(value=f'{found.value:.1%}')} ({found.covers}: {found.low:.1%} to {found.high:.1%})."


def _closed(narrow: Narrowness) -> str:
    if narrow.is_closed:
        return f"{narrow.closed_label_rate:.0%} of the answers come from a set of {narrow.labels:,} that come back."
    return f"{narrow.closed_label_rate:.0%} of the answers come back at least three times: no closed set."


def _concentration(narrow: Narrowness) -> str:
    return (
        f"Answers are concentrated to {narrow.output_concentration:.0%}: 100% if all were the same, 0% if no two were."
    )


def _neighbour(found: Interval | None) -> str | None:
    if found is None:
        return None
    return f"{found.value:.0%} of the newest requests have the answer of the earlier request most like them."


def _predicted(narrow: Narrowness) -> str | None:
    if narrow.predicted_agreement is None:
        return narrow.unpredicted_because and f"No agreement is predicted. {narrow.unpredicted_because}"
    lessons = f" after {narrow.lessons:,} different requests" if narrow.lessons else ""
    return _range(
        narrow.predicted_agreement, f"A head student would answer {{value}} of new requests as the teacher did{lessons}"
    )


def _spread(spread: float | None) -> str | None:
    if spread is None:
        return None
    return f"One answer in twenty is more than {spread:.1f} times as long as the middle one."
