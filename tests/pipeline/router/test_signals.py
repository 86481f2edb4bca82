"""Rule, breaker of batches, remote students and the choice of order: each by itself."""

import asyncio
import json
import math
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from analytics.errors import SpiritsafeError
from pipeline.contracts import Answer
from pipeline.router.batching import MOST_WAITING, Batcher, StudentBusy, StudentFailed
from pipeline.router.policy import Policy
from pipeline.router.remote import entropy, written_of
from pipeline.router.rule import as_demanded, choose_order, refusal
from pipeline.router.shelf import Clusters, steady

POLICY = Policy("s", "t", threshold=0.9, ood_cutoff=0.5, alpha=0.02, delta=0.05)


@pytest.mark.parametrize(
    ("answer", "is_valid", "reason"),
    [
        (Answer("a", 0.95, 0.1), None, None),
        (Answer("a", 0.95, 0.1), False, "schema"),
        (Answer("a", 0.95, 0.6), True, "unfamiliar"),
        (Answer("a", 0.89, 0.1), True, "unsure"),
    ],
)
def test_what_may_go_out(answer, is_valid, reason):
    assert refusal(answer, is_valid, POLICY) == reason


def test_the_demanded_form_is_checked_and_no_address_is_opened():
    def demanded(schema):
        return {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}}

    number = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    assert as_demanded(demanded(number), '{"n": 1}')[1] is True
    assert as_demanded(demanded(number), '{"n": "1"}')[1] is False
    assert as_demanded(demanded({"type": "no such type"}), "{}")[1] is False
    assert as_demanded(demanded({"$ref": "http://127.0.0.1:9/schema"}), "{}")[1] is False
    assert as_demanded({"response_format": {"type": "json_object"}}, "[1]")[1] is False
    assert as_demanded({}, "anything")[1] is None


def test_a_gate_pays_where_answers_are_dear():
    assert choose_order(0.0, 1.0) == "cascade" and choose_order(0.1, None) == "cascade"
    assert choose_order(0.1, 0.001) == "gate" and choose_order(0.1, 1e-6) == "cascade"


class Knower:
    kind = "causal"

    def __init__(self):
        self.asked = []

    def strangeness(self, texts):
        return [0.9 if text == "odd" else 0.1 for text in texts]

    def answer(self, texts):
        self.asked += texts
        return [Answer("said " + text, 0.99, 0.1) for text in texts]


def test_a_gate_does_not_ask_about_strange_inputs():
    student = Knower()
    found = steady(student, 0.5)(["one", "odd", "two"])
    assert [one.output for one in found] == ["said one", "", "said two"] and student.asked == ["one", "two"]
    assert refusal(found[1], None, POLICY) == "unfamiliar"


def test_requests_that_wait_together_are_answered_together():
    sizes, gate = [], threading.Event()

    def answer(texts):
        sizes.append(len(texts))
        gate.wait(5)
        return [Answer(text, 1.0, 0.0) for text in texts]

    async def ask():
        batcher = Batcher(answer)
        first = asyncio.create_task(batcher.ask("first"))
        await asyncio.sleep(0.05)
        rest = [asyncio.create_task(batcher.ask(str(number))) for number in range(10)]
        await asyncio.sleep(0.05)
        gate.set()
        return [one.output for one in await asyncio.gather(first, *rest)]

    assert asyncio.run(ask()) == ["first", *map(str, range(10))] and sizes == [1, 10]


def test_a_full_queue_and_a_failing_student_are_told_apart():
    gate = threading.Event()

    def answer(texts):
        gate.wait(5)
        raise KeyError(texts[0])

    async def ask():
        batcher = Batcher(answer)
        tasks = [asyncio.create_task(batcher.ask(str(number))) for number in range(MOST_WAITING + 40)]
        await asyncio.sleep(0.1)
        gate.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    kinds = {type(one) for one in asyncio.run(ask())}
    assert kinds == {StudentBusy, StudentFailed}


def test_rare_clusters_are_known_by_what_was_served_before():
    clusters = Clusters()
    assert clusters.is_rare("a")
    clusters.counts.update({"a": 5_000, "b": 40})
    assert not clusters.is_rare("a") and clusters.is_rare("b") and clusters.is_rare("c")


def test_what_a_server_tells_of_its_tokens():
    told = {"token_logprobs": [-0.1, -0.7], "top_logprobs": [{"a": -0.1, "b": -3.0}, {"c": -0.7}]}
    choice = {"text": " {} ", "finish_reason": "stop", "logprobs": told}
    one = written_of({"choices": [choice]})
    assert (one.text, one.is_finished, one.logprobs) == ("{}", True, [-0.1, -0.7])
    assert one.entropies[1] == pytest.approx(entropy([-0.7])) and entropy([0.0]) == 0.0
    assert entropy([math.log(0.5), math.log(0.5)]) == pytest.approx(math.log(2))
    with pytest.raises(SpiritsafeError, match="no log-probabilities"):
        written_of({"choices": [{"text": "x", "logprobs": None}]})


class Completions(BaseHTTPRequestHandler):
    """What vLLM and llama.cpp serve, as far as it is asked for."""

    def do_GET(self):
        self.reply({"data": [{"id": "student"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert body["temperature"] == 0 and body["logprobs"] and body["model"] == "student"
        said = "lost" if "parcel" in body["prompt"] else "no idea"
        told = {"token_logprobs": [-0.01], "top_logprobs": [{said: -0.01}]}
        self.reply({"choices": [{"text": said, "finish_reason": "stop", "logprobs": told}]})

    def reply(self, content):
        raw = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    found = ThreadingHTTPServer(("127.0.0.1", 0), Completions)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{found.server_port}/v1"
    found.shutdown()
    found.server_close()


def test_a_decoder_behind_a_server_answers_with_a_confidence_of_its_own(server):
    from concurrent.futures import ThreadPoolExecutor

    import httpx
    import numpy as np

    from pipeline.router.remote import Remote
    from pipeline.students.neural.saved import Card
    from pipeline.students.neural.sureness import SIGNALS
    from pipeline.students.parts.confidence import Confidence
    from pipeline.students.parts.familiar import fit_familiar
    from pipeline.template import Template

    width = len(SIGNALS)
    confidence = Confidence(np.zeros(width), np.ones(width), np.zeros(width), 3.0)
    card = Card("tiny", "lora", 4, 1, "label", None, Template("", ""), 8, ["lost", "found"])
    familiar = fit_familiar(["where is my parcel", "the parcel came back"])
    with httpx.Client() as client, ThreadPoolExecutor(4) as pool:
        student = Remote(server, "student", "<u>", "</u>", card, confidence, familiar, client, pool)
        known, other = student.answer(["where is my parcel", "sing a song"])
        assert (known.output, known.ood_score) == ("lost", 0.0) and known.confidence == pytest.approx(0.9526, abs=1e-4)
        assert other.confidence == 0.0 and other.ood_score > 0.2  # no label of its own
        assert student.strangeness(["where is my parcel"]) == [0.0]
