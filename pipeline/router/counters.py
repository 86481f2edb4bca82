"""What a router counts, in Prometheus' text form (exposition format 0.0.4)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

BOUNDS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
HELP = {
    "requests_total": "Requests that got their one answer, by who gave it, why, and status.",
    "errors_total": "Requests that were refused or failed, by reason.",
    "audits_total": "Student answers drawn for an audit, by outcome.",
    "journal_rows_total": "Rows written down.",
    "journal_dropped_total": "Rows lost because they could not be written; the ledger has a gap.",
    "in_flight": "Requests being answered now.",
    "student_breaker_open": "1: the student failed several times and is not asked.",
    "upstream_breaker_open": "1: the teacher's API failed several times and is not asked.",
    "audit_spend_usd_today": "Paid for audits since midnight UTC.",
    "students": "Students at work.",
    "router_seconds": "Time that the router itself added to a request.",
    "student_seconds": "Time until the student's answer.",
    "upstream_seconds": "Time until the first line of the teacher's answer.",
}
GAUGES = {"in_flight", "student_breaker_open", "upstream_breaker_open", "audit_spend_usd_today", "students"}


@dataclass
class Histogram:
    """Counts below each bound, and the sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0

    def add(self, seconds: float) -> None:
        """One observation."""
        place = next((at for at, bound in enumerate(BOUNDS_S) if seconds <= bound), len(BOUNDS_S))
        self.counts[place] += 1
        self.sum_s += seconds


class Counters:
    """Added to by the router's loop alone."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self._times = {name: Histogram() for name in HELP if name.endswith("_seconds")}

    def add(self, name: str, **labels: str) -> None:
        """Count one."""
        self._counts[name, tuple(sorted(labels.items()))] += 1

    def took(self, name: str, seconds: float) -> None:
        """One duration."""
        self._times[name].add(max(0.0, seconds))

    def text(self, now: Mapping[str, Mapping[str, float]]) -> str:
        """Everything. now: gauges and totals kept elsewhere, by name and label text."""
        lines: list[str] = []
        for name in HELP:
            lines += self._lines(name, now.get(name, {}))
        return "\n".join(lines) + "\n"

    def _lines(self, name: str, now: Mapping[str, float]) -> Iterator[str]:
        full = f"spiritsafe_{name}"
        kind = "gauge" if name in GAUGES else "histogram" if name in self._times else "counter"
        yield f"# HELP {full} {HELP[name]}"
        yield f"# TYPE {full} {kind}"
        for (counted, labels), count in sorted(self._counts.items()):
            if counted == name:
                yield f"{full}{{{','.join(f'{key}={quoted(value)}' for key, value in labels)}}} {count}"
        for labels_text, value in sorted(now.items()):
            yield f"{full}{labels_text} {value:g}"
        if name in self._times:
            yield from _histogram(full, self._times[name])


def _histogram(full: str, times: Histogram) -> Iterator[str]:
    total = 0
    for bound, count in zip((*BOUNDS_S, "+Inf"), times.counts, strict=True):
        total += count
        yield f'{full}_bucket{{le="{bound}"}} {total}'
    yield f"{full}_sum {times.sum_s:.6f}"
    yield f"{full}_count {total}"


def quoted(value: str) -> str:
    r"""A label's value: backslash, quote and line end are escaped.

    >>> quoted('a"b')
    '"a\\"b"'
    """
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'
