"""``spiritsafe demo`` from nothing: wall time and peak memory of the command and its children.

    python benchmarks/demo.py [--home FOLDER]

The bars are 180 s and 2.5 GB on two cores. Prints one JSON document.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time

import psutil


def resident_bytes(process: psutil.Process, home: str) -> int:
    """Resident memory of a process, everything it started, and the training worker, which may have left its tree."""
    found = {one.pid: one for one in [process, *process.children(recursive=True)]}
    for one in psutil.process_iter(["cmdline"]):
        command = one.info["cmdline"] or []
        if "exec" in command and home in command:
            found[one.pid] = one
    total = 0
    for one in found.values():
        try:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def main() -> None:
    """Run the demo once in a fresh workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", default=None)
    home = parser.parse_args().home or tempfile.mkdtemp(prefix="spiritsafe-demo-")
    started, peak = time.monotonic(), 0
    command = [sys.executable, "-m", "spiritsafe", "demo", "--home", home, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, resident_bytes(watched, home))
            except psutil.NoSuchProcess:
                break
            time.sleep(0.2)
        found = json.loads(process.communicate()[0])
    figures = {"seconds": time.monotonic() - started, "peak_gb": peak / 1e9, "home": home}
    print(json.dumps({**figures, "coverage": found["replay"]["coverage"], "agreement": found["replay"]["agreement"]}))


if __name__ == "__main__":
    main()
