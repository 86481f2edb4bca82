"""The router as applications meet it: real servers, the official clients, a teacher that charges."""

import json
import os

import pytest

from tests.pipeline.router.conftest import STORY, TOKEN, TRIAGE

SURE = "what about the pin blocked forgotten please"
STRANGE = "zyx quux flarb 99 grommet"


def chat(text, system=TRIAGE):
    return [{"role": "system", "content": system}, {"role": "user", "content": text}]


def test_sure_answers_come_from_the_student_and_cost_nothing(within, teacher):
    answer = within().ask(SURE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-spiritsafe-route"] == "student"
    assert answer.json()["choices"][0]["message"]["content"] == "pin"
    assert answer.json()["usage"]["prompt_tokens"] > 20
    assert teacher.requests == 0


def test_what_the_student_does_not_know_goes_to_the_teacher_with_the_reason(within, teacher):
    answer = within().ask(STRANGE)
    assert answer.headers["x-spiritsafe-route"] == "teacher"
    assert answer.headers["x-spiritsafe-reason"] in ("unfamiliar", "unsure")
    assert answer.json()["choices"][0]["message"]["content"] == "other"
    assert teacher.requests == 1 and teacher.seen_keys == {"Bearer sk-teacher"}


def test_what_no_student_covers_comes_back_as_the_teacher_said_it(within, teacher):
    answer = within().ask("a dragon 5", system=STORY)
    assert (answer.headers["x-spiritsafe-route"], answer.headers["x-spiritsafe-reason"]) == ("teacher", "no-student")
    assert answer.json()["id"].startswith("chatcmpl-") and teacher.requests == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"n": 2}, "several-answers"),
        ({"logprobs": True}, "logprobs"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "required"}, None),
    ],
)
def test_what_only_the_teacher_can_give_is_its(within, teacher, more, reason):
    answer = within().ask(SURE, **more)
    assert answer.headers["x-spiritsafe-route"] == "teacher"
    assert reason in (None, answer.headers["x-spiritsafe-reason"])
    assert teacher.requests == 1


def test_an_answer_outside_the_demanded_schema_is_not_served(within, teacher):
    schema = {"type": "object", "properties": {"topic": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "t", "schema": schema}}
    answer = within().ask(SURE, response_format=wanted, headers={"x-spiritsafe-task": "nobody"})
    assert answer.headers["x-spiritsafe-reason"] == "no-task"
    router = within()
    answer = router.ask(
        SURE, response_format=wanted, headers={"x-spiritsafe-task": next(iter(router.desk.shelf.by_task))}
    )
    assert (answer.headers["x-spiritsafe-route"], answer.headers["x-spiritsafe-reason"]) == ("teacher", "schema")


def test_the_official_client_reads_answers_and_streams(serve, teacher):
    import openai

    router = serve(teacher.url)
    with openai.OpenAI(base_url=f"{router.url}/v1", api_key=TOKEN, max_retries=0) as client:
        whole = client.chat.completions.create(model="gpt-4o", messages=chat(SURE))
        assert whole.choices[0].message.content == "pin" and whole.usage.total_tokens > 0
        stream = client.chat.completions.create(
            model="gpt-4o", messages=chat(SURE), stream=True, stream_options={"include_usage": True}
        )
        pieces = list(stream)
        assert "".join(one.choices[0].delta.content or "" for one in pieces if one.choices) == "pin"
        assert pieces[-1].usage.completion_tokens > 0
        with pytest.raises(openai.BadRequestError, match="messages"):
            client.chat.completions.create(model="gpt-4o", messages=[])
    stranger = openai.OpenAI(base_url=f"{router.url}/v1", api_key="wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()


def test_litellm_reads_it_as_an_openai_server(serve, teacher, monkeypatch):
    monkeypatch.setitem(os.environ, "LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    router = serve(teacher.url)
    for text, said in ((SURE, "pin"), (STRANGE, "other")):
        found = litellm.completion(
            model="openai/gpt-4o", messages=chat(text), api_base=f"{router.url}/v1", api_key=TOKEN, num_retries=0
        )
        assert found.choices[0].message.content == said


def test_the_students_stream_says_what_the_whole_answer_says(within):
    router = within()
    lines = router.ask(SURE, stream=True).text.split("\n\n")
    assert lines[-2] == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == "pin"
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_a_token_is_needed_and_an_open_port_is_refused(serve, teacher, home):
    router = serve(teacher.url)
    assert router.client.get("/metrics", headers={"authorization": "Bearer no"}).status_code == 401
    assert router.client.get("/health", headers={"authorization": ""}).status_code == 200
    with pytest.raises(AssertionError, match="SPIRITSAFE_ROUTER_TOKEN"):
        serve(teacher.url, "--host", "0.0.0.0", env={"SPIRITSAFE_ROUTER_TOKEN": ""})


def test_health_asks_the_student_and_metrics_count(within):
    router = within()
    router.ask(SURE)
    router.ask(STRANGE)
    found = router.client.get("/health").json()
    assert found["status"] == "ok" and found["students"][0]["is_well"]
    text = router.client.get("/metrics").text
    assert 'spiritsafe_requests_total{reason="sure",route="student",status="200"} 1' in text
    assert "spiritsafe_router_seconds_count 2" in text


def test_every_decision_is_written_down_as_a_call_with_its_reason(within, home, teacher):
    router = within()
    ids = [router.ask(SURE).json()["id"], router.ask(STRANGE), router.ask("a frog", system=STORY)]
    decisions = router.rows("decisions")
    assert [(row["route"], row["reason"]) for row in decisions[:1]] == [("student", "sure")]
    assert {row["reason"] for row in decisions} >= {"sure", "no-student"} and len(decisions) == 3
    assert decisions[0]["call_id"] == ids[0] and decisions[0]["policy_id"].startswith("policy-")
    calls = router.rows("calls")
    by_who = {row["served_by"]: row for row in calls}
    assert len(calls) == 3 and by_who["student"]["model"] == "gpt-4o"
    assert by_who["student"]["output_text"] == "pin" and by_who["student"]["in_uncached"] > 20
    assert {row["call_id"] for row in calls} == {row["call_id"] for row in decisions}
    assert ids[1].headers["x-spiritsafe-call-id"] in {row["call_id"] for row in calls}


def test_personal_data_does_not_reach_the_journal(within, home):
    router = within()
    router.ask("what about the pin of anna.kovac@example.org please")
    router.stop()
    kept = b"".join(path.read_bytes() for path in home.workspace.traffic.rglob("*") if path.is_file())
    assert b"anna.kovac" not in kept and b"sk-teacher" not in kept and kept
