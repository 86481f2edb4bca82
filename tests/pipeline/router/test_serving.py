"""The router as applications meet it: a real server, real clients, a teacher that charges."""

from tests.pipeline.router.conftest import STORY


def test_sure_answers_come_from_the_student_and_cost_nothing(serve, teacher):
    router = serve(teacher.url)
    answer = router.ask("what about the pin blocked forgotten please")
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-spiritsafe-route"] == "student"
    assert answer.json()["choices"][0]["message"]["content"] == "pin"
    assert teacher.requests == 0


def test_what_no_student_covers_comes_back_as_the_teacher_said_it(serve, teacher):
    router = serve(teacher.url)
    answer = router.ask("a dragon 5", system=STORY)
    assert (answer.headers["x-spiritsafe-route"], answer.headers["x-spiritsafe-reason"]) == ("teacher", "no-student")
    assert teacher.requests == 1
