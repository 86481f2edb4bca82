"""A student as its policy says: in this process, or behind a server of its weights."""

from analytics.workspace import Workspace
from pipeline.loaded import Loaded, open_student
from pipeline.router.policy import Policy


def open_for(workspace: Workspace, policy: Policy) -> Loaded:
    """The student of a policy. Raises DataMissing, InputError where it cannot be had."""
    if policy.student_url is None:
        return open_student(workspace, policy.student_id)
    from pipeline.router.remote import open_remote

    student, card, calibration = open_remote(workspace, policy.student_id, policy.student_url)
    return Loaded(card, student, calibration)
