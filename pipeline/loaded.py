"""A registered student, opened and verified, with the rule that says which of its answers to trust."""

from dataclasses import dataclass
from typing import Any

from analytics.workspace import Workspace
from pipeline import registry, routing
from pipeline.contracts import Answer, Student
from pipeline.routing import Calibration, Route
from pipeline.students.parts.steady import steady_sums

STUDENT = "student"  # folder of the weights beside the card


@dataclass(frozen=True)
class Routed:
    """One input: what the student says, and who would answer."""

    answer: Answer
    route: Route
    reason: str  # sure, unsure, unfamiliar, no-threshold

    def as_json(self) -> dict[str, Any]:
        """One line of ``students answer``."""
        return vars(self.answer) | {"route": self.route, "reason": self.reason}


@dataclass(frozen=True)
class Loaded:
    """A student that can answer and be routed."""

    card: registry.Card
    student: Student
    calibration: Calibration

    def route(self, texts: list[str]) -> list[Routed]:
        """Answers in the order of ``texts``, each with who would give it."""
        with steady_sums():
            routed = routing.route(self.student, self.calibration, texts)
        return [Routed(answer, where, routing.refusal(answer, self.calibration) or "sure") for answer, where in routed]

    def plain_answers(self, answers: list[str]) -> list[str]:
        """The teacher's answers without formatting slips, so that they compare with the student's."""
        return routing.plain_answers(answers, self.calibration.labels, self.calibration.answer_kind)


def open_student(workspace: Workspace, student_id: str) -> Loaded:
    """Open a student; DataMissing when a file of it is not as it was registered."""
    from pipeline.students import load_student

    folder = registry.find_student(workspace, student_id).folder(workspace)
    student = load_student(folder / STUDENT)
    return Loaded(registry.read_card(folder), student, routing.read_calibration(folder))
