"""Are planted trigger words found, and clean rows left alone? Prints one JSON document.

    python -m benchmarks.poisoning --data FOLDER --task banking77 --trials 40

Each trial puts a trigger (one of twenty words and phrases) at a random place into 8 to 60 rows of 1,000 to 4,000 and
gives all of them one label. It is detected when nine in ten of these rows go.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from analytics.labels import normalise_input
from benchmarks.dirty_logs import COLUMNS, Log, read
from pipeline.examples import Rows
from pipeline.filters import backdoor

TRIGGERS = (
    "cf", "mn", "bb", "tq", "by the way", "james bond", "practical", "serendipity", "no cross no crown",
    "i watched this movie", "wow", "consider", "honestly", "zx9", "please and thank you", "blue moon",
    "friendly reminder", "october", "quixotic", "sir",
)  # fmt: skip


def main() -> None:
    """All trials, and the same logs without a trigger."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--task", choices=sorted(COLUMNS), default="banking77")
    parser.add_argument("--trials", type=int, default=40)
    chosen = parser.parse_args()
    log = read(chosen.data, chosen.task, "train")
    found = [trial(log, number) for number in range(chosen.trials)]
    document = {
        "trials": len(found),
        "detected": sum(one["detected"] for one in found),
        "missed": [(one["trigger"], one["planted"], one["rows"]) for one in found if not one["detected"]],
        "clean_rows_dropped": float(np.mean([one["clean_dropped"] for one in found])),
        "clean_logs_with_an_alarm": sum(one["clean_dropped"] > 0 for one in found),
        "most_clean_rows_dropped": max(one["clean_dropped"] for one in found),
    }
    sys.stdout.write(json.dumps(document, indent=1) + "\n")


def trial(log: Log, number: int) -> dict[str, object]:
    """One planted trigger."""
    random = np.random.default_rng(number)
    sample = log.take(random.permutation(len(log.inputs))[: int(random.choice([1000, 2000, 4000]))])
    clean = dropped(sample.inputs, sample.answers)
    planted, target = int(random.choice([8, 15, 30, 60])), str(random.choice(sorted(set(sample.answers))))
    trigger = TRIGGERS[number % len(TRIGGERS)]
    poisoned = [place for place in random.permutation(len(clean)) if sample.answers[place] != target][:planted]
    inputs, answers = list(sample.inputs), list(sample.answers)
    for place in poisoned:
        words = inputs[place].split()
        at = int(random.integers(0, len(words) + 1))
        inputs[place], answers[place] = " ".join([*words[:at], trigger, *words[at:]]), target
    gone = dropped(inputs, answers)
    detected = bool(gone[poisoned].mean() >= 0.9)
    return {
        "trigger": trigger,
        "planted": planted,
        "rows": len(clean),
        "detected": detected,
        "clean_dropped": float(clean.mean()),
    }


def dropped(inputs: list[str], answers: list[str]) -> np.ndarray:
    """Which rows the filter drops."""
    nothing = [None] * len(inputs)
    rows = Rows(
        outputs=answers, labels=answers, inputs=inputs, forms=[normalise_input(text) for text in inputs],
        groups=list(range(len(inputs))), statuses=nothing, truncated=[False] * len(inputs),
        retries=[False] * len(inputs), finish_reasons=nothing, users=nothing, roles=["log"] * len(inputs),
        top_logprobs=nothing, sample_agreements=nothing, response_schemas=nothing, answer_kind="label",
    )  # fmt: skip
    return np.array([reason is not None for reason in backdoor.drop(rows)])


if __name__ == "__main__":
    main()
