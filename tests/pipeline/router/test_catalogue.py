"""The long proofs, with counts: faults under load, a hundred thousand made-up bodies, raw sockets, canaries.

``make proof-router`` runs them; docs/reliability.md has the figures. SPIRITSAFE_BODIES changes the number of bodies.
"""

import json
import os
import random
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import pytest

from analytics.api import run_sql
from pipeline.breaker import Breaker
from pipeline.router.local import Made
from pipeline.router.settle import settle
from pipeline.router.upstream import Response
from tests.pipeline.made_up import desk
from tests.pipeline.router.conftest import STORY, TOKEN, TRIAGE
from tests.support.provider import Provider

pytestmark = pytest.mark.slow
BODIES = int(os.environ.get("SPIRITSAFE_BODIES", "100000"))
ANSWERED = (200, 400, 401, 404, 408, 413, 429, 502, 503)
PLANTED = ("dora.maar@example.org", "4111 1111 1111 1111", "sk-proj-Zq9c3VhYtB7nK2mP5wL8xR4s")
SECRETS = ("sk-teacher", TOKEN, *PLANTED)


def fire(router, texts, rate, system=TRIAGE):
    """Requests at a steady rate from as many threads as it takes; (status, seconds, route) of each."""
    began_s = time.monotonic()

    def one(number):
        wait_s = began_s + number / rate - time.monotonic()
        time.sleep(max(0.0, wait_s))
        at_s = time.monotonic()
        answer = router.ask(texts[number], system=system)
        return answer.status_code, time.monotonic() - at_s, answer.headers.get("x-spiritsafe-route", "error")

    with ThreadPoolExecutor(64) as pool:
        return list(pool.map(one, range(len(texts))))


def told(name, found):
    seconds = sorted(row[1] for row in found)
    counts = {str(status): sum(row[0] == status for row in found) for status in sorted({row[0] for row in found})}
    routes = {route: sum(row[2] == route for row in found) for route in sorted({row[2] for row in found})}
    cuts = statistics.quantiles(seconds, n=100)
    line = {"asked": len(found), "status": counts, "route": routes, "p50_ms": cuts[49] * 1e3, "p99_ms": cuts[98] * 1e3}
    print(name, json.dumps(line | {"longest_ms": seconds[-1] * 1e3}))


@pytest.mark.parametrize("mode", ["crash", "hang"])
def test_a_student_that_breaks_under_load_is_not_noticed(faulty, mode):
    (router, student), texts = faulty, desk(1_500, seed=3)[0]

    def break_it():
        time.sleep(4)
        student.mode = mode
        time.sleep(4)
        student.mode = "well"
        student.gate.set()

    breaking = threading.Thread(target=break_it)
    breaking.start()
    found = fire(router, texts, 100)
    breaking.join()
    told(mode, found)
    assert len(found) == 1_500 and {row[0] for row in found} == {200}
    assert {row[2] for row in found} == {"student", "teacher"}
    assert "student" in {row[2] for row in found[-100:]}  # a second before the end, three after it was well again
    assert max(row[1] for row in found) < 10


def test_an_outage_of_the_teacher_under_load(within):
    answers = {"down": False}
    with Provider(fault=lambda number: "reset" if answers["down"] else None) as teacher:
        router = within(teacher.url)
        texts = [text if at % 2 else f"a frog {at}" for at, text in enumerate(desk(1_000, seed=4)[0])]

        def outage():
            time.sleep(3)
            answers["down"] = True
            time.sleep(3)
            answers["down"] = False

        breaking = threading.Thread(target=outage)
        breaking.start()
        found = fire(router, texts, 100)
        breaking.join()
    told("outage", found)
    assert len(found) == 1_000 and {row[0] for row in found} <= {200, 502, 503} and found[-1][0] == 200


def test_four_times_the_load_that_it_may_take(within):
    with Provider(delay_s=0.25) as slow:
        router = within(slow.url, most_at_once=32)
        found = fire(router, [f"a frog {n}" for n in range(2_000)], 512, system=STORY)
        assert router.ask("what about the pin blocked forgotten please").status_code == 200
    told("overload", found)
    assert len(found) == 2_000 and {row[0] for row in found} <= {200, 429}


class Tame:
    """A teacher that takes anything, so that every body that is let in goes all the way."""

    breaker = Breaker()

    async def send(self, method, path, raw, headers, timeout_s=None):
        return Response(Made(200, b'{"id": "c", "choices": [{"message": {"content": "ok"}}]}'))


def body(dice):
    """A chat request, then damaged in some place."""
    kinds = [None, True, -1, 2**70, 1e308, "", "x" * 300, [], {}, [[]], {"a": {"b": [1]}}, "\u0000", "𝒳"]
    content = dice.choice(
        [dice.choice(kinds), [{"type": dice.choice(["text", "image_url", 3]), "text": "a"}], "what is it"]
    )
    message = {"role": dice.choice(["user", "system", "tool", "", 7]), "content": content}
    made = {
        "model": dice.choice(["gpt-4o", *kinds]),
        "messages": dice.choice([[message], message, dice.choice(kinds), [message] * 3]),
    }
    names = (
        "tools",
        "tool_choice",
        "n",
        "stream",
        "stream_options",
        "response_format",
        "metadata",
        "stop",
        "logprobs",
        "audio",
    )
    for name in dice.sample(names, dice.randrange(4)):
        made[name] = dice.choice([*kinds, {"type": "json_schema", "json_schema": {"schema": {"$ref": "http://x/y"}}}])
    raw = json.dumps(made).encode()
    if dice.random() < 0.1:
        raw = raw[: dice.randrange(len(raw))] + bytes(dice.randrange(256) for _ in range(dice.randrange(30)))
    return raw


def test_made_up_bodies_never_break_the_router(within):
    """Straight into the application, past the sockets."""
    router, dice = within(), random.Random(12)
    app = router.server.config.app
    counts = {}

    async def ask(raw, path, method):
        sent = []
        messages = iter([{"type": "http.request", "body": raw, "more_body": False}])

        async def receive():
            return next(messages, {"type": "http.disconnect"})

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(b"content-type", b"application/json")],
        }
        with anyio.fail_after(20):
            await app(scope, receive, send)
        counts[sent[0]["status"]] = counts.get(sent[0]["status"], 0) + 1
        if sent[0]["status"] >= 500:
            counts["ours"] = counts.get("ours", 0) + (
                b'"bug"' in str(sent[0]).encode() or b"the router failed" in sent[-1].get("body", b"")
            )

    async def all_of_them():
        for _ in range(BODIES):
            path = dice.choice(
                ["/v1/chat/completions"] * 8 + ["/v1/feedback", "/v1/../etc/passwd", "/", "/v1/models/x"]
            )
            method = "POST" if dice.random() < 0.95 else dice.choice(["GET", "DELETE", "PUT"])
            await ask(body(dice), path, method)

    app.desk.upstream, served = Tame(), app.desk.upstream
    anyio.run(all_of_them)
    app.desk.upstream = served
    print("bodies", BODIES, counts)
    assert sum(count for status, count in counts.items() if status != "ours") == BODIES and not counts.get("ours")


def test_raw_sockets_get_an_answer_or_are_closed(within):
    router, dice = within(), random.Random(5)
    starts = [
        b"GET / HTTP/1.1\r\n\r\n", b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n{}{}{",
        b"\x00" * 100, b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /health HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 3_000 + b"\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]  # fmt: skip
    for number in range(1_000):
        raw = dice.choice(starts)
        with socket.create_connection(("127.0.0.1", router.port), timeout=10) as client:
            client.sendall(raw[: dice.randrange(1, len(raw) + 1)] if number % 2 else raw)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65_536):
                pass
    assert router.ask("what about the pin blocked forgotten please").status_code == 200


def test_no_canary_reaches_a_file_or_a_log(serve, home, teacher):
    router = serve(teacher.url)
    for number in range(200):
        secret = PLANTED[number % len(PLANTED)]
        router.ask(f"what about the pin of {secret} please {number}")
        router.client.post("/v1/chat/completions", content=f'{{"model": "{secret}", "messages": '.encode())
        router.client.post("/v1/feedback", json={"id": f"chatcmpl-{number}", "comment": f"it said {secret}"})
    router.stop()
    found = dict.fromkeys(SECRETS, 0)
    kept = [path for path in home.workspace.home.rglob("*") if path.is_file() and path.suffix != ".npz"]
    for path in kept:
        content = path.read_bytes()
        for secret in SECRETS:
            found[secret] += content.count(secret.encode())
    print("canaries", found, "in", len(kept), "files")
    assert not any(found.values())


def test_a_killed_router_loses_no_row_that_it_had_sent(serve, home, teacher):
    """The other process outlives it and writes what came through the pipe: lost are at most the last 50 ms."""
    router, answered, stop = serve(teacher.url), [], threading.Event()

    def keep_asking():
        while not stop.is_set():
            try:
                answer = router.ask("what about the pin blocked forgotten please")
            except httpx.TransportError:
                return
            answered.append((time.monotonic(), answer.json()["id"]))

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(4)
    killed_s = time.monotonic()
    router.process.kill()
    for thread in threads:
        thread.join()
    router.process.wait()
    time.sleep(3)
    settle(home.workspace)
    kept = {row["call_id"] for row in run_sql(home.workspace, "select call_id from decisions where source = 'router'")}
    lost = [killed_s - at_s for at_s, call_id in answered if call_id not in kept]
    print(
        "killed",
        json.dumps({"answered": len(answered), "kept": len(kept), "lost": len(lost)}),
        "lost in the last",
        max(lost, default=0),
    )
    assert len(answered) > 100 and max(lost, default=0.0) < 0.2
