"""Every benchmark in turn, a JSON document each.

    python benchmarks/run.py [DATA]

DATA may hold ``banking77/`` (train and test parquet with text and category) and ``workload*/`` folders as the
workload generator writes them; without it the shipped log alone is used.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(script: str, *arguments: object) -> None:
    """One benchmark; its name goes before its figures."""
    print(f"# {script} {' '.join(map(str, arguments))}", flush=True)
    subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)], check=True, cwd=HERE.parent)


def main() -> None:
    """Run what there is data for."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    home = tempfile.mkdtemp(prefix="spiritsafe-bench-")
    run("demo.py", "--home", home)
    run("dashboard.py", "--home", home)
    if data is None:
        return
    if (data / "banking77").is_dir():
        run("head_banking77.py", "--data", data / "banking77")
    for workload in sorted(data.glob("workload*")):
        run("import_speed.py", workload)
        run("workload.py", workload)


if __name__ == "__main__":
    main()
