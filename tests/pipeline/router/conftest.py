"""A log of two tasks, a student for one of them, a teacher that charges, and the router as a process of its own."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
import uvicorn

from analytics.actors import Actor
from analytics.analyze import analyze
from analytics.api import run_sql
from analytics.ingest import import_files
from analytics.workspace import Workspace
from pipeline import api, lease, run, views, worker
from pipeline.loaded import open_student
from pipeline.router import deployments
from pipeline.router.desk import Options, open_desk
from pipeline.router.opening import open_for
from pipeline.router.server import App, Limits
from pipeline.router.settle import settle
from pipeline.router.upstream import Upstream
from tests.pipeline.made_up import WORDS, desk
from tests.support.provider import Provider

TRIAGE = "You sort messages to a help desk. Answer with one topic and nothing else."
STORY = "You write a bedtime story of ten words about what the child names."
CHIEF = Actor("chief", "approver")
TOKEN = "a-token-for-tests-only"
CALLS = 1_600


def topic_of(text):
    """The teacher's own rule."""
    return next((name for name, parts in WORDS.items() if any(word in text for word in parts[0])), "other")


def exchange(number, system, text, said):
    at = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(hours=number)
    messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    usage = {"prompt_tokens": 20 + len(text) // 4, "completion_tokens": 3}
    usage["total_tokens"] = sum(usage.values())
    message = {"role": "assistant", "content": said}
    return {
        "timestamp": at.isoformat(),
        "latency_ms": 700,
        "request": {"model": "gpt-4o", "messages": messages},
        "response": {
            "id": f"chatcmpl-log{number}",
            "object": "chat.completion",
            "model": "gpt-4o",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": usage,
        },
    }


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory):
    """Imported, analysed and trained once; copied for each test that writes."""
    folder = tmp_path_factory.mktemp("router")
    inputs, labels = desk(CALLS)
    dice = random.Random(4)
    rows = [exchange(n, TRIAGE, *pair) for n, pair in enumerate(zip(inputs, labels, strict=True))]
    rows += [exchange(n, STORY, f"a {dice.choice(['dragon', 'frog'])} {n}", "once upon a time") for n in range(200)]
    for number, row in enumerate(rows):
        row["response"]["id"] = f"chatcmpl-log{number}"
    log = folder / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    workspace = Workspace(folder / "home").create()
    import_files(workspace, [str(log)])
    analyze(workspace)
    task = next(row["task_id"] for row in tasks_of(workspace) if row["calls"] == CALLS)
    made = api.plan(workspace, api.Recipe(alpha=0.05), task)
    launched = run.launch(workspace, made.plan_id, lambda home, run_id: lease.this_process())
    assert worker.execute(workspace, launched.run_id) == 0
    student_id = views.show_run(workspace, launched.run_id).student_id
    assert api.student(workspace, student_id)["threshold"] is not None
    return SimpleNamespace(workspace=workspace, task_id=task, student_id=student_id)


def tasks_of(workspace):
    from analytics.kept_tasks import task_rows

    return task_rows(workspace)


@pytest.fixture
def home(trained_home, tmp_path):
    """A copy with the student promoted, without audits: these would ask the teacher by lot."""
    folder = tmp_path / "home"
    shutil.copytree(trained_home.workspace.home, folder)
    workspace = Workspace(folder)
    policy = deployments.policy_of(workspace, trained_home.student_id)
    policy = replace(policy, audit_share=0.0, rare_audit_share=0.0)
    deployments.promote(workspace, policy, CHIEF, "good enough")
    return SimpleNamespace(workspace=workspace, task_id=trained_home.task_id, student_id=trained_home.student_id)


@pytest.fixture
def teacher():
    with Provider(answer=topic_of) as provider:
        yield provider


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Asking:
    """A client of a router."""

    def ask(self, text, system=TRIAGE, **more):
        messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
        headers = more.pop("headers", {})
        body = {"model": "gpt-4o", "messages": messages} | more
        return self.client.post("/v1/chat/completions", json=body, headers=headers)


class Served(Asking):
    """A running ``spiritsafe serve``."""

    def __init__(self, home, upstream, *flags, env=None):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "spiritsafe", "serve", "--home", str(home), "--upstream", upstream]
        command += ["--port", str(self.port), *flags]
        variables = (
            os.environ | {"SPIRITSAFE_ROUTER_TOKEN": TOKEN, "SPIRITSAFE_UPSTREAM_KEY": "sk-teacher"} | (env or {})
        )
        self.log = home / "serve.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=log)
        self.client = httpx.Client(base_url=self.url, headers={"authorization": f"Bearer {TOKEN}"}, timeout=30)
        self._await()

    def _await(self):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if self.client.get("/health").status_code in (200, 503):
                    return
            except httpx.TransportError:
                time.sleep(0.1)
            assert self.process.poll() is None, self.log.read_text()
        raise AssertionError("the router never answered")

    def stop(self):
        self.client.close()
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.fixture
def serve(home):
    """Starts routers over the workspace; all are ended with the test."""
    started = []

    def start(upstream, *flags, env=None):
        started.append(Served(home.workspace.home, upstream, *flags, env=env))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()


class Within(Asking):
    """The same server in a thread of the test, over a desk that the test may damage."""

    def __init__(self, workspace, upstream, opener=open_for, **limits):
        api_side = Upstream(upstream, "sk-teacher", timeout_s=2.0, open_s=1.0)
        self.desk = open_desk(workspace, api_side, Options(has_scribe=False), opener, lambda line: None)
        app = App(self.desk, None, limits=Limits(**limits))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="error", access_log=False))
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        until = time.monotonic() + 30
        while not self.server.started:
            assert time.monotonic() < until
            time.sleep(0.02)
        self.client = httpx.Client(base_url=self.url, timeout=30)

    def stop(self):
        self.client.close()
        self.server.should_exit = True
        self.thread.join(timeout=30)

    def rows(self, view):
        """What was written down, once the router is stopped."""
        self.stop()
        settle(self.desk.workspace)
        return [
            row
            for row in run_sql(self.desk.workspace, f"select * from {view}")
            if row.get("source", "router") == "router"
        ]


@pytest.fixture
def within(home, teacher):
    """Starts servers in this process."""
    started = []

    def start(upstream=None, **more):
        started.append(Within(home.workspace, upstream or teacher.url, **more))
        return started[-1]

    yield start
    for one in started:
        if one.thread.is_alive():
            one.stop()


class Faulty:
    """A student that crashes, hangs or is slow when it is told to."""

    kind = "head"

    def __init__(self, student):
        self.student, self.mode, self.asked = student, "well", 0
        self.gate = threading.Event()

    def answer(self, texts):
        self.asked += 1
        if self.mode == "crash":
            raise RuntimeError("no such thing")
        if self.mode == "hang":
            self.gate.wait(30)
        return self.student.answer(texts)


@pytest.fixture
def faulty(within, home):
    """A router whose student can be broken; returns both."""
    made = {}

    def opener(workspace, policy):
        loaded = open_student(workspace, policy.student_id)
        made["student"] = Faulty(loaded.student)
        return replace(loaded, student=made["student"])

    policy = replace(deployments.policy_of(home.workspace, home.student_id), student_deadline_ms=300)
    deployments.promote(home.workspace, policy, CHIEF, "short deadline")
    router = within(opener=opener)
    yield router, made["student"]
    made["student"].gate.set()
