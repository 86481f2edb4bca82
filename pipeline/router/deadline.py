"""How long a request may take, and how much of that the student gets.

The client says when it gives up (OpenAI's own client sends it with every request); what the teacher usually needs is
kept free for it, so that a slow student never costs the answer.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

HEADERS = ("x-spiritsafe-timeout-s", "x-stainless-read-timeout")  # seconds
LEAST_STUDENT_S = 0.05
KEPT = 200  # newest answers of the teacher that say what is usual
LEAST_KNOWN = 20  # answers, below which nothing is usual yet
USUAL = 0.95


def given_s(headers: Mapping[str, str], most_s: float) -> float:
    """Seconds until the client gives up, at most ``most_s``; ``most_s`` where it does not say.

    >>> given_s({"x-stainless-read-timeout": "30"}, 120.0), given_s({}, 120.0), given_s({HEADERS[0]: "soon"}, 120.0)
    (30.0, 120.0, 120.0)
    """
    for name in HEADERS:
        try:
            found = float(headers.get(name, ""))
        except ValueError:
            continue
        if found > 0:
            return min(found, most_s)
    return most_s


@dataclass
class Usual:
    """How long the teacher's newest answers took."""

    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def p95_s(self) -> float:
        """Nineteen in twenty took no longer; 0 while too few are known."""
        if len(self.seconds) < LEAST_KNOWN:
            return 0.0
        return sorted(self.seconds)[int(USUAL * (len(self.seconds) - 1))]


def student_s(policy_s: float, remaining_s: float, teacher_p95_s: float) -> float:
    """What the student gets: its own deadline, or what is left beside the teacher's usual time.

    >>> student_s(2.0, 120.0, 3.0), student_s(2.0, 4.0, 3.0), student_s(2.0, 1.0, 3.0)
    (2.0, 1.0, 0.05)
    """
    return max(LEAST_STUDENT_S, min(policy_s, remaining_s - teacher_p95_s))
