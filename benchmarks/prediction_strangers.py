"""Is the share of requests unlike any before foretold? Streams with a known share of strange ones.

The older four fifths of a log hold usual requests alone. The newest fifth has some share of requests of one set of
kinds that the log never had; the traffic that comes has the same share of another set. A prediction knows neither
which are strange nor what will come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from analytics.contracts import Interval
from analytics.narrowness_strangers import ood_share
from analytics.stand_ins import try_out
from benchmarks.prediction_tasks import SEED

Pair = tuple[str, str]
SHARES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
ROWS = 1_500
COMING = 1_000
KINDS = 0.4  # of a task's answers are held out: half show in the newest fifth, half in what comes


@dataclass(frozen=True)
class Stream:
    """Usual requests and two sets of strange ones."""

    name: str
    usual: list[Pair]
    strange: list[Pair]  # in the newest fifth
    coming: list[Pair]  # in what comes
    is_closed: bool  # may the prediction see that answers are new?


def strangers(data: Path) -> None:
    """One row a stream and share."""
    print("## Strange requests\n")
    print("| stream | strange share that comes | predicted | 80 % range |")
    print("| --- | ---: | ---: | --- |")
    found = [
        (stream, share, *_try(stream, share))
        for stream in _streams(data)
        for share in SHARES
        if share * ROWS / 5 <= len(stream.strange)
    ]
    for stream, _, truth, predicted in found:
        inside = "" if predicted.low <= truth <= predicted.high else " *"
        print(
            f"| {stream.name} | {truth:.1%} | {predicted.value:.1%} | {predicted.low:.1%} to {predicted.high:.1%}{inside} |"
        )
    for what, some in (("answers seen", True), ("answers unseen", False)):
        _summary(what, [one for one in found if one[0].is_closed is some])
    _summary("all", found)


def _summary(what: str, found: Sequence[tuple[Stream, float, float, Interval]]) -> None:
    off = np.abs([predicted.value - truth for _, _, truth, predicted in found]) * 100
    held = np.mean([predicted.low <= truth <= predicted.high for _, _, truth, predicted in found])
    print(f"\n- {what}, {len(found)} streams: off by {np.median(off):.1f} points in the median, {np.quantile(off, 0.9):.1f} at 90 %; "
          f"80 % ranges hold {held:.0%}")  # fmt: skip


def _try(stream: Stream, share: float) -> tuple[float, Interval]:
    random = np.random.default_rng([SEED, int(share * 100)])
    newest = ROWS // 5
    strange = min(int(random.binomial(newest, share)), len(stream.strange))
    usual = [stream.usual[at] for at in random.permutation(len(stream.usual))]
    late = usual[: newest - strange] + [stream.strange[at] for at in random.permutation(len(stream.strange))[:strange]]
    rows = usual[newest:ROWS] + [late[at] for at in random.permutation(len(late))]
    coming = random.random(COMING) < share
    found = ood_share(try_out([text for text, _ in rows], [answer for _, answer in rows]), is_closed=stream.is_closed)
    assert found is not None
    return float(coming.mean()), found


def _streams(data: Path) -> list[Stream]:
    clinc = _pairs(data / "clinc150/train.parquet", "text", "intent")
    domains = _pairs(data / "clinc150/train.parquet", "text", "domain")
    outside = [_pairs(data / f"clinc150/oos_{part}.parquet", "text", "intent") for part in ("train", "val")]
    banking = _pairs(data / "banking77/train.parquet", "text", "category")
    return [
        Stream("clinc150, out of scope", clinc, outside[0], outside[1], True),
        Stream("clinc150, out of scope, answers unseen", clinc, outside[0], outside[1], False),
        _held("clinc150, new intents", clinc, is_closed=True),
        _held("clinc150, new intents, answers unseen", clinc, is_closed=False),
        _held("clinc150, new domains, answers unseen", domains, is_closed=False),
        _held("banking77, new intents", banking, is_closed=True),
        _held("banking77, new intents, answers unseen", banking, is_closed=False),
    ]


def _held(name: str, pairs: Sequence[Pair], *, is_closed: bool) -> Stream:
    kinds = np.random.default_rng(SEED).permutation(sorted({answer for _, answer in pairs}))
    cut = max(1, int(KINDS / 2 * len(kinds)))
    early, late = set(kinds[:cut]), set(kinds[cut : 2 * cut])
    usual = [pair for pair in pairs if pair[1] not in early | late]
    return Stream(
        name,
        usual,
        [pair for pair in pairs if pair[1] in early],
        [pair for pair in pairs if pair[1] in late],
        is_closed,
    )


def _pairs(path: Path, text: str, answer: str) -> list[Pair]:
    return [(row[text], row[answer]) for row in pq.read_table(path).to_pylist()]
