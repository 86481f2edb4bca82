"""What happens when something breaks: one answer for every request, the right status, and the reason."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from analytics.analyze import analyze
from analytics.errors import SpiritsafeError
from analytics.ingest import import_files
from pipeline.router import deployments
from pipeline.router import settle as settling
from pipeline.router.asked import read
from pipeline.router.scribe import _without_keys
from tests.pipeline.router.conftest import CHIEF, STORY, exchange
from tests.pipeline.router.test_serving import STRANGE, SURE
from tests.support.provider import Provider


def test_a_crashing_student_is_replaced_by_the_teacher_and_comes_back(faulty, teacher):
    router, student = faulty
    student.mode = "crash"
    answers = [router.ask(SURE) for _ in range(8)]
    assert {answer.status_code for answer in answers} == {200}
    reasons = [answer.headers["x-spiritsafe-reason"] for answer in answers]
    assert reasons[:5] == ["student-failed"] * 5 and reasons[-1] == "student-resting" and student.asked == 5
    student.mode = "well"
    until = time.monotonic() + 10
    while router.ask(SURE).headers["x-spiritsafe-route"] != "student":
        assert time.monotonic() < until, "never recovered within ten seconds"
        time.sleep(0.2)


def test_a_hanging_student_costs_its_deadline_and_no_more(faulty, teacher):
    router, student = faulty
    student.mode = "hang"
    began_s = time.monotonic()
    answer = router.ask(SURE)
    assert answer.headers["x-spiritsafe-reason"] == "student-slow" and answer.status_code == 200
    assert time.monotonic() - began_s < 5
    health = router.client.get("/health")
    assert health.status_code == 503 and health.json()["status"] == "degraded"


def test_a_teacher_that_is_gone_gives_503_and_the_student_goes_on(within):
    router = within("http://127.0.0.1:9/v1")
    assert router.ask(SURE).headers["x-spiritsafe-route"] == "student"
    for _ in range(7):
        answer = router.ask(STRANGE)
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) >= 1
        assert answer.json()["error"]["type"] == "api_error"
    assert "left alone" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "status"), [("429-retry-after", 429), ("500", 500), ("400", 400), ("wrong-json", 200)]
)
def test_what_the_teacher_says_is_passed_on_as_it_is(within, fault, status):
    with Provider(fault=lambda number: fault) as teacher:
        router = within(teacher.url)
        answer = router.ask(STRANGE)
        assert answer.status_code == status and teacher.requests == 1  # no retry of our own
        if fault == "429-retry-after":
            assert "retry-after" in answer.headers


@pytest.mark.parametrize("fault", ["hang", "reset", "half"])
def test_a_teacher_that_breaks_off_gives_one_answer(within, fault):
    with Provider(fault=lambda number: fault) as teacher:
        answer = within(teacher.url).ask(STRANGE)
        assert answer.status_code in (502, 503), answer.text


def test_a_request_that_only_the_lot_kept_back_is_served_while_the_teacher_is_down(within, home):
    policy = replace(deployments.policy_of(home.workspace, home.student_id), traffic_share=0.0)
    deployments.promote(home.workspace, policy, CHIEF, "a share of nothing")
    router = within("http://127.0.0.1:9/v1")
    assert router.ask(SURE).headers["x-spiritsafe-route"] == "student"


def test_overload_is_told_and_bounded(within):
    with Provider(delay_s=0.6) as slow:
        router = within(slow.url, most_at_once=4)
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda n: router.ask(f"a frog {n}", system=STORY), range(16)))
    statuses = [answer.status_code for answer in answers]
    assert len(statuses) == 16 and set(statuses) == {200, 429} and statuses.count(200) >= 4
    assert router.client.get("/metrics").status_code == 200
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 429)


def test_a_client_that_goes_away_leaves_nothing_behind(within):
    with Provider(delay_s=0.5) as slow:
        router = within(slow.url)
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", router.port)) as client:
                client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 400\r\n\r\n{")
        time.sleep(0.3)
        assert router.ask(SURE).status_code == 200
        assert "spiritsafe_in_flight 1" in router.client.get("/metrics").text


def test_a_full_disk_loses_rows_and_says_so_but_serves(within, monkeypatch):
    router = within()

    def full(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.router.journal.Journal._open_file", full)
    assert router.ask(SURE).status_code == 200
    time.sleep(0.6)
    assert router.desk.journal.dropped >= 2
    assert "spiritsafe_journal_dropped_total 2" in router.client.get("/metrics").text
    monkeypatch.undo()
    assert router.ask(SURE).status_code == 200
    assert len(router.rows("decisions")) == 1


def test_students_are_exchanged_and_rolled_back_without_a_dropped_request(within, home):
    router = within()
    stop, statuses, routes = threading.Event(), [], []

    def keep_asking():
        while not stop.is_set():
            answer = router.ask(SURE)
            statuses.append(answer.status_code)
            routes.append(answer.headers["x-spiritsafe-route"])

    threads = [threading.Thread(target=keep_asking) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    deployments.fall_back(home.workspace, home.task_id, CHIEF, "a drill")
    await_route(router, "teacher")
    deployments.promote(
        home.workspace, deployments.policy_of(home.workspace, home.student_id), CHIEF, "the drill is over"
    )
    await_route(router, "student")
    stop.set()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200} and len(statuses) > 20 and set(routes) == {"student", "teacher"}


def await_route(router, route):
    until = time.monotonic() + 15
    while router.ask(SURE).headers["x-spiritsafe-route"] != route:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_damaged_student_leaves_everything_to_the_teacher(within, home):
    next((home.workspace.students / home.student_id / "student").glob("*.npz")).write_bytes(b"torn")
    router = within()
    answer = router.ask(SURE)
    assert answer.status_code == 200 and answer.headers["x-spiritsafe-route"] == "teacher"


def test_calls_that_cannot_be_imported_stay_in_the_journal(within, home, monkeypatch):
    router = within()
    assert router.ask(SURE).status_code == 200
    router.stop()
    real = settling.import_files

    def refuse(workspace, paths, log_format):
        report = real(workspace, paths, log_format)
        report.files[0].error = "the disk is full"
        return report

    monkeypatch.setattr(settling, "import_files", refuse)
    with pytest.raises(SpiritsafeError, match="the disk is full"):
        settling.settle(home.workspace)
    assert list(home.workspace.traffic.glob("*.sqlite"))
    monkeypatch.undo()
    assert settling.settle(home.workspace).decisions == 1


def test_a_task_of_a_later_analysis_is_recognised_without_a_restart(within, home, tmp_path):
    router = within()
    before = router.desk.recogniser
    assert before.newest() is before
    rows = [exchange(5_000 + n, "Say the capital of the country.", f"country {n}", "city") for n in range(60)]
    for number, row in enumerate(rows):
        row["response"]["id"] = f"chatcmpl-new{number}"
    log = tmp_path / "more.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_files(home.workspace, [str(log)])
    analyze(home.workspace)
    asked = read(json.dumps(rows[0]["request"]).encode(), {})
    assert before.find(asked) is None and before.newest().find(asked) is not None


def test_the_scribe_gets_no_key(monkeypatch):
    monkeypatch.setenv("SPIRITSAFE_UPSTREAM_KEY", "sk-teacher")
    monkeypatch.setenv("SPIRITSAFE_ROUTER_TOKEN", "a-token")
    assert not {"SPIRITSAFE_UPSTREAM_KEY", "SPIRITSAFE_ROUTER_TOKEN"} & set(_without_keys())
