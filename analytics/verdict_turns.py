"""At which value of an input the *verdict* turns, and to which: the rule itself, scanned.

A present value that changes its sign need not turn the verdict, and the verdict may turn where the sign does not. So
each input is moved outwards over its range, on both sides, and the whole rule is asked at every point: levers chosen
anew, the same draws at each (3,000 of the fixed stream; 2,000 for pilot and waiting), a pilot's worth by a cubic in
place of trees.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from analytics.alternatives import priced
from analytics.assumptions import Assumptions, Lognormal, known
from analytics.configuration import cheapest, with_levers
from analytics.contracts import Verdict
from analytics.decision import Decision, Question
from analytics.economics import Economics, Prospects
from analytics.gates import Gates
from analytics.information import Information, evpi_usd, evsi_pilot_smooth_usd
from analytics.inputs import Array, inputs_of
from analytics.rule import is_refused, judge
from analytics.simulate import draw, simulate
from analytics.waiting import Waiting, best_delay

TURN_DRAWS = 3_000
PROSPECT_DRAWS = 2_000
SIDE_POINTS = 9  # on each side of the value
WIDEST_RATIO = 30.0  # of what is spread by ratio: a thirtieth to thirty times the value
HALVINGS = 5  # of the gap in which the verdict turned
NOT_ASKED = Waiting(0, 0.0, 0.0)


class VerdictTurn(NamedTuple):
    """The nearest value of one input at which another verdict is given."""

    value: float  # on the same axis as the driver's: of spend, what the cheapest configuration leaves
    verdict: Verdict  # the one it turns to


def verdict_turns(
    question: Question, decision: Decision, names: Sequence[str], draws: int = TURN_DRAWS
) -> dict[str, VerdictTurn | None]:
    """By input: where the verdict turns, all else as it is; None where it does not within the input's range."""
    if is_refused(question.gates):
        return dict.fromkeys(names)  # no price or volume opens a gate
    return {name: _nearest(_Scan(question, decision.verdict, decision.economics, name, draws)) for name in names}


def verdict_at(question: Question, base: Economics, draws: int = TURN_DRAWS) -> Verdict:
    """The rule's verdict from few draws. base: figures of the case as it is, for what sentences alone would need."""
    assumptions, levers = question.assumptions, question.levers
    configuration = cheapest(assumptions, levers)
    case = with_levers(assumptions, configuration, levers)
    found = simulate(case, levers, draws, before=assumptions)
    outlay = found.one_off_p50_usd
    figures = replace(base, configuration=configuration, one_off_usd=outlay, simulation=found)
    options = [priced(lever, inputs_of(assumptions)) for lever in levers]
    pilot_usd = case.value("pilot_usd")
    verdict, _ = judge(figures, lambda: _prospects(case, question.gates), (), options, question.gates, pilot_usd)
    return verdict


def _prospects(case: Assumptions, gates: Gates | None) -> Prospects:
    """What the rule asks for. Waiting takes most of the time, and is asked for only where it can decide."""
    sample = draw(case, PROSPECT_DRAWS)
    known_usd, pilot = evpi_usd(sample.npv_usd), evsi_pilot_smooth_usd(sample)
    decided = pilot > case.value("pilot_usd") or (gates is None and sample.npv_usd.mean() <= 0)
    return Prospects(Information(known_usd, pilot, ()), NOT_ASKED if decided else best_delay(sample))


def _nearest(scan: "_Scan") -> VerdictTurn | None:
    """Outwards from the value to the first point with another verdict, and back to where it turns.

    Points of both sides are as far apart as the range is wide: where one side has turned, the other is asked at the
    same distance, for it may have turned nearer.
    """
    last = {-1: scan.start, 1: scan.start}
    for side, value in scan.outwards():
        verdict = scan.ask(value)
        if verdict is not scan.verdict:
            turn = scan.between(last[side], value, verdict)
            mirror = scan.mirrored(turn.value)
            other = scan.verdict if mirror is None else scan.ask(mirror)
            if mirror is not None and other is not scan.verdict:
                turn = scan.between(last[-side], mirror, other)
            return turn._replace(value=scan.on_axis(turn.value))
        last[side] = value
    return None


@dataclass(frozen=True)
class _Scan:
    """One input moved, all else as it is."""

    question: Question
    verdict: Verdict  # as it is
    base: Economics
    name: str
    draws: int

    @property
    def start(self) -> float:
        return self.question.assumptions.value(self.name)

    @property
    def by_ratio(self) -> bool:
        spread = self.question.assumptions.settings[self.name].spread
        return isinstance(spread, Lognormal) and self.start > 0

    def at(self, value: float) -> Question:
        return replace(self.question, assumptions=self.question.assumptions.at(self.name, value))

    def ask(self, value: float) -> Verdict:
        return verdict_at(self.at(value), self.base, self.draws)

    def between(self, same: float, other: float, verdict: Verdict) -> VerdictTurn:
        """Halving is safe here: both ends have been asked, and any turn between them is a turn."""
        for _ in range(HALVINGS):
            middle = math.sqrt(same * other) if self.by_ratio and min(same, other) > 0 else (same + other) / 2
            found = self.ask(middle)
            same, other, verdict = (middle, other, verdict) if found is self.verdict else (same, middle, found)
        return VerdictTurn(other, verdict)

    def on_axis(self, value: float) -> float:
        """What the levers leave of an input at that value: drivers are inputs of the student's case."""
        moved = self.at(value)
        levers = moved.levers
        return with_levers(moved.assumptions, cheapest(moved.assumptions, levers), levers).value(self.name)

    def mirrored(self, value: float) -> float | None:
        """As far from the start on the other side; None outside the range."""
        entry = known(self.name)
        found = self.start**2 / max(value, 1e-12) if self.by_ratio else 2 * self.start - value
        return found if entry.minimum <= found <= entry.maximum else None

    def outwards(self) -> list[tuple[int, float]]:
        """Side and value of the points on both sides of the value, the nearest first."""
        points = [(side, float(value)) for side in (-1, 1) for value in self._side(side) if value != self.start]
        return sorted(points, key=lambda point: self._distance(point[1]))

    def _distance(self, value: float) -> float:
        return abs(math.log(max(value, 1e-12) / self.start)) if self.by_ratio else abs(value - self.start)

    def _side(self, side: int) -> Array:
        """Points from the value to one end of the range, denser near the value."""
        entry, steps = known(self.name), np.arange(1, SIDE_POINTS + 1) / SIDE_POINTS
        if self.by_ratio:
            return np.unique(np.clip(self.start * WIDEST_RATIO ** (side * steps), entry.minimum, entry.maximum))
        end = entry.minimum if side < 0 else entry.maximum
        return np.asarray(self.start + (end - self.start) * steps**2)
