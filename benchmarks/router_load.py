"""What the router adds to a request, beside the same requests sent to the teacher directly, in one run.

    python -m benchmarks.router_load --home WORKSPACE --rate 200 --seconds 30 [--litellm PYTHON]

A teacher on this machine answers after 60 ms. Requests arrive by a Poisson process at the rate given, first directly,
then through each router, twice in turn, so that all meet the same machine. WORKSPACE has a student in force; the inputs
of its own log are asked, so that some are served, some go on to the teacher after the student, and some belong to tasks
without a student. What is added: the latency of the last kind minus the direct one at the same quantile. --litellm: the
interpreter of an environment with ``litellm[proxy]``, whose proxy is measured in the same way in the same run.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import httpx

TOKEN = "sk-0f7d3b5c9a1e4f6081726354a5b6c7d8e9f00112233445566778899aabbccdd"
TEACHER_MS = 60
TEACHER = """
import asyncio, json, sys
from aiohttp import web
async def chat(request):
    body = await request.json()
    await asyncio.sleep({delay})
    usage = {{"prompt_tokens": 40, "completion_tokens": 2, "total_tokens": 42}}
    choice = {{"index": 0, "message": {{"role": "assistant", "content": "ok"}}, "finish_reason": "stop"}}
    return web.json_response({{"id": "c", "object": "chat.completion", "created": 1, "model": body["model"],
                              "choices": [choice], "usage": usage}})
app = web.Application()
app.router.add_post("/v1/chat/completions", chat)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""
PROXY = """
model_list:
  - model_name: "*"
    litellm_params: {{model: "openai/*", api_base: "http://127.0.0.1:{port}/v1", api_key: "sk-teacher"}}
general_settings: {{master_key: "{token}"}}
"""


@dataclass
class Side:
    """One way to the answer."""

    url: str
    latencies_ms: list[float] = field(default_factory=list)
    by_route: dict[str, list[float]] = field(default_factory=dict)
    failed: int = 0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def requests_of(home: Path) -> list[dict]:
    """Bodies of the log's own requests of the tasks that a student serves, and of others."""
    from analytics.api import run_sql
    from analytics.workspace import Workspace

    rows = run_sql(
        Workspace(home), "select system_prompt, input_text, model from calls where input_text is not null limit 2000"
    )
    return [
        {
            "model": row["model"],
            "messages": [
                {"role": "system", "content": row["system_prompt"] or ""},
                {"role": "user", "content": row["input_text"]},
            ],
        }
        for row in rows
    ]


async def ask(session: aiohttp.ClientSession, side: Side, body: dict) -> None:
    began = time.perf_counter()
    try:
        async with session.post(
            f"{side.url}/v1/chat/completions", json=body, headers={"authorization": f"Bearer {TOKEN}"}
        ) as answer:
            await answer.read()
            took_ms = (time.perf_counter() - began) * 1000
            if answer.status != 200:
                side.failed += 1
                return
            side.latencies_ms.append(took_ms)
            route = answer.headers.get("x-spiritsafe-route", "passed on")
            kind = "passed on" if answer.headers.get("x-spiritsafe-reason") in ("no-student", "no-task") else route
            side.by_route.setdefault(kind, []).append(took_ms)
    except (aiohttp.ClientError, TimeoutError):
        side.failed += 1


async def load(sides: dict[str, Side], bodies: list[dict], rate: float, seconds: float) -> None:
    """``rate`` requests a second on each side but the direct one, which gets as many as one of them."""
    dice, tasks = random.Random(3), []
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(30)
    ) as session:
        for side in sides.values():
            for body in bodies[:20]:
                await ask(session, side, body)
            side.latencies_ms.clear()
            side.by_route.clear()
        for name, side in [*sides.items()] * 2:
            end = time.perf_counter() + seconds / 2
            at = time.perf_counter()
            while at < end:
                at += dice.expovariate(rate)
                await asyncio.sleep(max(0.0, at - time.perf_counter()))
                tasks.append(asyncio.create_task(ask(session, side, dice.choice(bodies))))
            await asyncio.gather(*tasks)
            print(name, len(side.latencies_ms), "answers", side.failed, "failed", file=sys.stderr)


def quantiles(values: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=100)
    return {"n": len(values), "p50_ms": round(cuts[49], 2), "p95_ms": round(cuts[94], 2), "p99_ms": round(cuts[98], 2)}


def until_up(url: str, process: subprocess.Popen, path: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}{path}", timeout=2).status_code < 500:
                return
        except httpx.TransportError:
            if process.poll() is not None:
                raise SystemExit(f"{url} ended") from None
        time.sleep(0.3)
    raise SystemExit(f"{url} never answered")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--litellm", help="interpreter with litellm[proxy]")
    chosen = parser.parse_args()
    bodies, started, sides = requests_of(chosen.home), [], {}
    teacher, router, proxy = free_port(), free_port(), free_port()
    environment = os.environ | {
        "SPIRITSAFE_ROUTER_TOKEN": TOKEN,
        "SPIRITSAFE_UPSTREAM_KEY": "sk-teacher",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    try:
        started.append(subprocess.Popen([sys.executable, "-c", TEACHER.format(delay=TEACHER_MS / 1000), str(teacher)]))
        command = [sys.executable, "-m", "spiritsafe", "serve", "--home", str(chosen.home), "--port", str(router)]
        started.append(subprocess.Popen([*command, "--upstream", f"http://127.0.0.1:{teacher}/v1"], env=environment))
        sides["direct"] = Side(f"http://127.0.0.1:{teacher}")
        sides["router"] = Side(f"http://127.0.0.1:{router}")
        until_up(sides["router"].url, started[1], "/health")
        if chosen.litellm:
            file = Path(tempfile.mkdtemp()) / "proxy.yaml"
            file.write_text(PROXY.format(port=teacher, token=TOKEN))
            run = "from litellm.proxy.proxy_cli import run_server; run_server()"
            started.append(
                subprocess.Popen(
                    [chosen.litellm, "-c", run, "--config", str(file), "--host", "127.0.0.1", "--port", str(proxy)],
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            sides["litellm"] = Side(f"http://127.0.0.1:{proxy}")
            until_up(sides["litellm"].url, started[2], "/health/liveliness")
        asyncio.run(load(sides, bodies, chosen.rate, chosen.seconds))
        print(json.dumps(report(sides, chosen), indent=1))
    finally:
        for process in started:
            process.terminate()
            process.wait(timeout=30)


def report(sides: dict[str, Side], chosen: argparse.Namespace) -> dict:
    direct = quantiles(sides["direct"].latencies_ms)
    found = {"rate_per_s": chosen.rate, "seconds": chosen.seconds, "load_average": os.getloadavg()[0], "direct": direct}
    for name, side in sides.items():
        if name == "direct":
            continue
        passed_on = side.by_route.get("passed on", [])
        found[name] = {route: quantiles(values) for route, values in side.by_route.items() if len(values) > 100} | {
            "failed": side.failed
        }
        if len(passed_on) > 100:
            through = quantiles(passed_on)
            found[name] |= {
                f"added_{cut}": round(through[cut] - direct[cut], 2) for cut in ("p50_ms", "p95_ms", "p99_ms")
            }
    return found


if __name__ == "__main__":
    main()
