"""The router without our server: as a Python function, and inside a real process of LiteLLM's proxy."""

import os
import subprocess
import time

import httpx
import pytest

from analytics.api import run_sql
from analytics.errors import SpiritsafeError
from pipeline.router.local import Hybrid
from pipeline.router.settle import settle
from tests.pipeline.router.conftest import free_port, topic_of
from tests.pipeline.router.test_serving import STRANGE, SURE, chat

MASTER = "sk-0f7d3b5c9a1e4f6081726354a5b6c7d8e9f00112233445566778899aabbccdd"
AUTHORISED = {"authorization": f"Bearer {MASTER}"}
PROXY = """
model_list:
  - model_name: gpt-4o
    litellm_params: {{model: spiritsafe/gpt-4o}}
  - model_name: plain
    litellm_params: {{model: openai/gpt-4o-mini, api_base: "{upstream}", api_key: sk-teacher}}
litellm_settings:
  custom_provider_map:
    - {{provider: spiritsafe, custom_handler: pipeline.router.plugin.handler}}
  callbacks: pipeline.router.plugin.logger
"""


def said_by_a_function(body):
    message = {"role": "assistant", "content": topic_of(body["messages"][-1]["content"])}
    usage = {"prompt_tokens": 30, "completion_tokens": 2, "total_tokens": 32}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "x", "object": "chat.completion", "model": body["model"], "choices": [choice], "usage": usage}


def test_as_a_function(home):
    asked = []

    def teacher(body):
        asked.append(body)
        if "explode" in body["messages"][-1]["content"]:
            raise RuntimeError("no")
        return said_by_a_function(body)

    with Hybrid(home.workspace.home, teacher) as hybrid:
        sure = hybrid.complete({"model": "gpt-4o", "messages": chat(SURE)})
        assert sure["choices"][0]["message"]["content"] == "pin" and sure["spiritsafe"]["route"] == "student"
        assert not asked
        strange = hybrid.complete({"model": "gpt-4o", "messages": chat(STRANGE)})
        assert strange["choices"][0]["message"]["content"] == "other" and len(asked) == 1
        with pytest.raises(SpiritsafeError, match="the teacher failed"):
            hybrid.complete({"model": "gpt-4o", "messages": chat("explode grommet quux")})
    settle(home.workspace)
    found = run_sql(home.workspace, "select route, reason from decisions where source = 'router'")
    assert len(found) == 3 and {"route": "student", "reason": "sure"} in found


@pytest.mark.slow
@pytest.mark.skipif("SPIRITSAFE_PROXY_PYTHON" not in os.environ, reason="names no interpreter with litellm[proxy]")
def test_inside_litellms_proxy(home, teacher, tmp_path):
    file, port = tmp_path / "proxy.yaml", free_port()
    file.write_text(PROXY.format(upstream=teacher.url))
    variables = os.environ | {
        "SPIRITSAFE_HOME": str(home.workspace.home), "SPIRITSAFE_UPSTREAM": teacher.url,
        "SPIRITSAFE_UPSTREAM_KEY": "sk-teacher", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MASTER_KEY": MASTER,
    }  # fmt: skip
    run = "from litellm.proxy.proxy_cli import run_server; run_server()"
    command = [os.environ["SPIRITSAFE_PROXY_PYTHON"], "-c", run, "--config", str(file), "--host", "127.0.0.1"]
    with (tmp_path / "proxy.log").open("w") as log:
        process = subprocess.Popen([*command, "--port", str(port)], env=variables, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        await_proxy(url, process, tmp_path)
        with httpx.Client(base_url=f"{url}/v1", headers=AUTHORISED, timeout=60) as client:
            for text, said in ((SURE, "pin"), (STRANGE, "other")):
                answer = client.post("/chat/completions", json={"model": "gpt-4o", "messages": chat(text)})
                assert answer.status_code == 200, answer.text + (tmp_path / "proxy.log").read_text()[-3000:]
                assert answer.json()["choices"][0]["message"]["content"] == said
            assert teacher.requests == 1
            stream = client.post("/chat/completions", json={"model": "gpt-4o", "messages": chat(SURE), "stream": True})
            assert '"content":"pin"' in stream.text
            plain = {"model": "plain", "messages": chat("a frog", "tell a story")}
            assert client.post("/chat/completions", json=plain).status_code == 200
        time.sleep(2)
    finally:
        process.terminate()
        process.wait(timeout=60)
    settle(home.workspace)
    calls = run_sql(home.workspace, "select served_by, model from calls where source = 'router'")
    assert sorted(row["served_by"] for row in calls) == ["student", "student", "teacher", "teacher"]
    assert "gpt-4o-mini" in {row["model"] for row in calls}


def await_proxy(url, process, folder):
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/health/liveliness", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            assert process.poll() is None, (folder / "proxy.log").read_text()
        time.sleep(0.5)
    raise AssertionError((folder / "proxy.log").read_text())
