"""A paid provider on this machine: chat completions, files and batches over HTTP, and a bill of its own.

It charges when the work is done, before the answer leaves, and writes that down durably; so a test can hold the ledger
against what a real provider would put on its invoice. Faults are chosen for each request by its number.

    with Provider(answer=lambda text: "yes", fault=lambda number: "reset" if number == 3 else None) as provider:
        ask(provider.url)
        provider.requests, provider.charged_micros()
"""

import json
import math
import socket
import struct
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FAULTS = (
    "429",
    "429-retry-after",
    "500",
    "503",
    "reset",
    "hang",
    "half",
    "wrong-json",
    "wrong-usage",
    "error-body",
    "401",
    "400",
    "billed-500",
)
USD_PER_MILLION = (1.0, 4.0)


def tokens_of(text):
    return math.ceil(len(text) / 4)


class Provider:
    """A server in a thread. ``fault`` maps the number of a chat request to one of FAULTS or None."""

    def __init__(
        self,
        answer=lambda text: "yes",
        fault=lambda number: None,
        bill=None,
        delay_s=0.0,
        hang_s=3.0,
        usd=USD_PER_MILLION,
    ):
        self.answer, self.fault, self.delay_s, self.hang_s, self.usd = answer, fault, delay_s, hang_s, usd
        self.limit_headers = {}
        self.retry_after = "0"
        self.batch_polls = 1  # how often a batch says in_progress
        self._bill = Path(bill) if bill else None
        self._lock = threading.Lock()
        self.requests = 0  # chat requests that arrived
        self.charges = []  # (what was asked, micro-USD)
        self.seen_keys = set()
        self.files, self.batches = {}, {}
        self.on_event = lambda name: None  # told of each step of a batch before it is answered
        self._server = None

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a killed client is what these tests are about
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def charged_micros(self):
        with self._lock:
            return sum(micros for _, micros in self.charges)

    def repeats(self):
        """Paid answers to a question that had been paid for already."""
        with self._lock:
            return sum(count - 1 for count in Counter(asked for asked, _ in self.charges).values())

    def take_number(self):
        with self._lock:
            self.requests += 1
            return self.requests

    def charge(self, asked, tokens_in, tokens_out, share=1.0):
        micros = math.ceil((tokens_in * self.usd[0] + tokens_out * self.usd[1]) * share)
        with self._lock:
            self.charges.append((asked, micros))
            if self._bill:
                with self._bill.open("a") as file:
                    file.write(json.dumps([asked, micros]) + "\n")

    def complete(self, body, share=1.0, fault=None):
        """A chat completion, charged."""
        said = " ".join(message["content"] for message in body["messages"])
        text = self.answer(body["messages"][-1]["content"]) if self._takes_one() else self.answer(body)
        tokens_in, tokens_out = tokens_of(said), min(tokens_of(text), body.get("max_tokens") or 10**9)
        asked = json.dumps([body["messages"], body.get("temperature"), body.get("top_logprobs"), body.get("n_sample")])
        self.charge(asked, tokens_in, tokens_out, share)
        usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}
        if fault == "wrong-usage":
            usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
            "logprobs": None,
        }
        if body.get("logprobs"):
            choice["logprobs"] = {"content": [_token(word, body.get("top_logprobs") or 0) for word in text.split()]}
        return {
            "id": f"chatcmpl-{len(self.charges)}",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [choice],
            "usage": usage,
        }

    def _takes_one(self):
        return not getattr(self.answer, "reads_body", False)

    def start_batch(self, made):
        with self._lock:
            number = f"batch_{len(self.batches)}"
        lines = [json.loads(line) for line in self.files[made["input_file_id"]].splitlines() if line]
        results = []
        for line in lines:
            if self.fault(self.take_number()):
                results.append(
                    {
                        "custom_id": line["custom_id"],
                        "response": None,
                        "error": {"code": "server_error", "message": "no"},
                    }
                )
                continue
            found = self.complete(line["body"], share=0.5)
            results.append(
                {"custom_id": line["custom_id"], "response": {"status_code": 200, "body": found}, "error": None}
            )
        self.files[f"file-out-{number}"] = "".join(json.dumps(result) + "\n" for result in results)
        with self._lock:
            self.batches[number] = {
                "id": number,
                "object": "batch",
                "metadata": made.get("metadata"),
                "status": "in_progress",
                "polls": self.batch_polls,
                "output_file_id": None,
                "error_file_id": None,
            }
        return self.batches[number]

    def poll_batch(self, number):
        batch = self.batches[number]
        batch["polls"] -= 1
        if batch["polls"] < 0:
            batch |= {"status": "completed", "output_file_id": f"file-out-{number}"}
        return batch


def _token(word, top):
    others = [{"token": f"other{n}", "bytes": None, "logprob": -3.0 - n} for n in range(max(0, top - 1))]
    mine = {"token": word, "bytes": list(word.encode()), "logprob": -0.1}
    return mine | {"top_logprobs": [mine, *others]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.provider.seen_keys.add(self.headers.get("authorization"))
        if self.path.endswith("/chat/completions"):
            return self._chat(json.loads(body))
        if self.path.endswith("/files"):
            number = f"file-{len(self.provider.files)}"
            self.provider.files[number] = (
                body.split(b"application/jsonl", 1)[1].split(b"\r\n\r\n", 1)[1].split(b"\r\n--", 1)[0].decode()
            )
            self.provider.on_event("file")
            return self._json(200, {"id": number, "object": "file"})
        if self.path.endswith("/batches"):
            made = self.provider.start_batch(json.loads(body))
            self.provider.on_event("batch")
            return self._json(200, made)
        return self._json(404, {"error": {"message": "no such path"}})

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.endswith("/batches"):
            return self._json(200, {"data": list(self.provider.batches.values()), "has_more": False})
        if "/batches/" in path:
            self.provider.on_event("poll")
            return self._json(200, self.provider.poll_batch(path.rsplit("/", 1)[1]))
        if path.endswith("/content"):
            self.provider.on_event("results")
            return self._text(200, self.provider.files[path.split("/")[-2]])
        return self._json(404, {"error": {"message": "no such path"}})

    def _chat(self, body):
        provider = self.provider
        fault = provider.fault(provider.take_number())
        if provider.delay_s:
            time.sleep(provider.delay_s)
        if fault in ("429", "429-retry-after"):
            more = {"retry-after": provider.retry_after} if fault == "429-retry-after" else {}
            return self._json(429, {"error": {"message": "slow down", "type": "rate_limit"}}, more)
        if fault in ("400", "401", "500", "503"):
            return self._json(
                int(fault), {"error": {"message": f"no: {self.headers.get('authorization')}", "type": "fault"}}
            )
        found = provider.complete(body, fault=fault)
        if fault == "billed-500":
            return self._json(500, {"error": {"message": "lost it"}})
        if fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return self.connection.close()
        if fault == "hang":
            time.sleep(provider.hang_s)
            self.close_connection = True
            return None
        if fault == "half":
            return self._half(json.dumps(found))
        if fault == "wrong-json":
            return self._text(200, "{not json", "application/json")
        if fault == "error-body":
            return self._json(200, {"error": {"message": "the model is overloaded", "code": 500}})
        return self._json(200, found, provider.limit_headers)

    def _half(self, text):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text[: len(text) // 2].encode())
        self.wfile.flush()
        self.close_connection = True

    def _json(self, status, value, headers=None):
        self._text(status, json.dumps(value), "application/json", headers)

    def _text(self, status, text, kind="text/plain", headers=None):
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
