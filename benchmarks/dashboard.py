"""How long a person waits for the dashboard: the first page of a cold server, and every switch between pages.

    python benchmarks/dashboard.py --home WORKSPACE

Starts ``spiritsafe dashboard`` on a free port and drives the system's Chromium. Cold: from the moment the server
answers on its port until the first page has its heading, its table and its chart, nothing cached. Every switch is
timed and the bytes that the server sends for it over the websocket are counted. Prints one JSON document; the bars are
4 s cold, 1 s and 100 KB a switch. ``dashboard_workspace.py`` makes a workspace of the size that they are meant for.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CHROMIUM = os.environ.get("SPIRITSAFE_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run", "--disable-quic"]
COLD_BAR_S, SWITCH_BAR_S = 4.0, 1.0
BYTES_BAR = 100_000
WAIT_S = 60.0
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
DRAWS = {"Portfolio": 1, "Task brief": 4}  # charts that must be on the page before it counts as there


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--think", type=float, default=15.0, help="seconds that the reader looks at the first page")
    arguments = parser.parse_args()
    port = free_port()
    started_s = time.perf_counter()
    server = start_server(arguments.home, port)
    try:
        wait_for(port)
        boot_s = time.perf_counter() - started_s
        print(json.dumps(measure(port, arguments.rounds, arguments.think) | {"server_up_s": round(boot_s, 2)}))
    finally:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(home: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "spiritsafe", "dashboard", "--port", str(port), "--home", str(home)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def wait_for(port: int) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while time.monotonic() < deadline_s:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"no server on port {port} after {WAIT_S:.0f} s")


def measure(port: int, rounds: int, think_s: float) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(1000 * WAIT_S)
        received = [0]
        page.on("websocket", lambda socket: socket.on("framereceived", lambda data: count(received, data)))
        cold_s = timed(lambda: page.goto(f"http://127.0.0.1:{port}/"), page, "Portfolio")
        page.wait_for_timeout(1000 * think_s)
        switches: dict[str, list[float]] = {}
        sent: dict[str, list[int]] = {}
        first, *others = [link.inner_text().strip() for link in page.get_by_test_id("stSidebarNavLink").all()]
        for _ in range(rounds):
            for title in (*others, first):
                received[0] = 0
                switches.setdefault(title, []).append(timed(lambda title=title: open_page(page, title), page, title))
                sent.setdefault(title, []).append(received[0])
        browser.close()
    most = max(max(found) for found in sent.values())
    slowest_s = max(max(taken) for taken in switches.values())
    return {
        "first_page_cold_s": round(cold_s, 2),
        "switch_s": {title: [round(taken, 2) for taken in found] for title, found in switches.items()},
        "slowest_switch_s": round(slowest_s, 2),
        "switch_bytes": sent,
        "most_bytes": most,
        "bytes_within_bar": most <= BYTES_BAR,
        "cold_within_bar": cold_s <= COLD_BAR_S,
        "switches_within_bar": slowest_s <= SWITCH_BAR_S,
        "cpu_count": os.cpu_count(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


def count(received: list[int], data: str | bytes) -> None:
    received[0] += len(data)


def open_page(page: Any, title: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).first.click()


def timed(act: Any, page: Any, title: str) -> float:
    """From the act until the page of this title is whole and its script at rest."""
    began_s = time.perf_counter()
    act()
    page.locator("h2").filter(has_text=title).first.wait_for()
    if DRAWS.get(title):
        page.locator("[role=graphics-document]").nth(DRAWS[title] - 1).wait_for()
    page.locator(IDLE).wait_for()
    return time.perf_counter() - began_s


if __name__ == "__main__":
    main()
