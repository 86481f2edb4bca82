"""Our import against DuckDB's own JSON-to-Parquet copy of the same files, each in a process of its own.

python benchmarks/import_speed.py FOLDER [--runs 3]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COPY = "import duckdb, sys; duckdb.connect().execute(f\"copy (select * from read_json('{sys.argv[1]}')) to '{sys.argv[2]}' (format parquet)\")"
IMPORT = """
import sys
from pathlib import Path
from analytics.ingest import import_files
from analytics.workspace import Workspace
if __name__ == "__main__":
    import_files(Workspace(Path(sys.argv[2])), [sys.argv[1]])
"""


def seconds(script: str, *arguments: str) -> float:
    """Wall time of one process, start included."""
    started = time.monotonic()
    subprocess.run([sys.executable, script, *arguments], check=True)
    return time.monotonic() - started


def main() -> None:
    """Alternate the two and print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    pattern = next(
        str(arguments.folder / "litellm" / f"*.{kind}")
        for kind in ("jsonl", "jsonl.gz")
        if list((arguments.folder / "litellm").glob(f"*.{kind}"))
    )
    copies, imports = [], []
    with tempfile.TemporaryDirectory() as aside:
        copy, ours = Path(aside) / "duckdb_copy.py", Path(aside) / "our_import.py"
        copy.write_text(COPY)
        ours.write_text(IMPORT)
        for run in range(arguments.runs):
            copies.append(seconds(str(copy), pattern, f"{aside}/copy.parquet"))
            imports.append(seconds(str(ours), pattern, f"{aside}/home-{run}"))
    copied, imported = sorted(copies)[len(copies) // 2], sorted(imports)[len(imports) // 2]
    print(
        json.dumps(
            {"copy_s": copied, "import_s": imported, "ratio": imported / copied, "copies": copies, "imports": imports}
        )
    )


if __name__ == "__main__":
    main()
