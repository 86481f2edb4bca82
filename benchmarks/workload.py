"""Import and analyse a workload whose truth is known, and compare: duplicates, spend, tasks (V-measure).

    python benchmarks/workload.py FOLDER

FOLDER holds ``litellm/`` or ``openai/`` and ``truth/`` as the workload generator writes them. Prints one JSON document.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np

from analytics.analyze import analyze
from analytics.api import snapshot_folder
from analytics.ingest import import_files
from analytics.store import open_store
from analytics.workspace import Workspace


def entropy(counts: Counter[object]) -> float:
    """Entropy of a partition [nats]."""
    shares = np.array(list(counts.values())) / counts.total()
    return float(-(shares * np.log(shares)).sum())


def v_measure(truth: Sequence[object], found: Sequence[object]) -> dict[str, float]:
    """Homogeneity, completeness and their harmonic mean (Rosenberg and Hirschberg 2007)."""
    classes, clusters = Counter(truth), Counter(found)
    both = entropy(Counter(zip(truth, found, strict=True)))
    shared = entropy(classes) + entropy(clusters) - both
    homogeneity = shared / entropy(classes) if len(classes) > 1 else 1.0
    completeness = shared / entropy(clusters) if len(clusters) > 1 else 1.0
    return {
        "homogeneity": homogeneity,
        "completeness": completeness,
        "v_measure": 2 * homogeneity * completeness / (homogeneity + completeness),
    }


def main() -> None:
    """Run once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    logs = next(folder / name for name in ("litellm", "openai") if (folder / name).is_dir())
    with tempfile.TemporaryDirectory() as home:
        workspace = Workspace(Path(home))
        imported = import_files(workspace, [str(logs)])
        analysed = analyze(workspace)
        with open_store(workspace, snapshot_folder(workspace)) as store:
            print(
                json.dumps(compare(store.connection, folder, imported.duplicates, imported.seconds, analysed.seconds))
            )


def compare(
    con: duckdb.DuckDBPyConnection, folder: Path, duplicates: int, import_s: float, analyze_s: float
) -> dict[str, object]:
    """Figures of one workspace against the truth folder."""
    con.read_parquet(str(folder / "truth" / "*.parquet")).create_view("truth")
    truth = con.sql(
        "select count(*) filter (where kind = 'log_duplicate'), sum(spend) filter (where kind <> 'log_duplicate') from truth"
    ).fetchall()[0]
    spend = con.sql("select sum(cost_usd)::double from calls").fetchall()[0][0]
    pairs = con.sql(
        "select truth.app, call_tasks.task_id from truth inner join call_tasks on call_tasks.call_id = truth.request_id"
    ).fetchall()
    apps = con.sql(
        """
        with calls_of as (
            select truth.app, call_tasks.task_id, sum(truth.spend) as spend
            from (select distinct on (request_id) * from truth) as truth
            inner join call_tasks on call_tasks.call_id = truth.request_id
            group by all
        )
        select app, max(spend) / nullif(sum(spend), 0), count(*) from calls_of group by app order by app
        """
    ).fetchall()
    return {
        "rows": len(pairs),
        "duplicates": {"found": duplicates, "truth": truth[0]},
        "spend_usd": {"found": spend, "truth": truth[1], "off": spend / truth[1] - 1},
        "tasks": len({task for _, task in pairs}),
        **v_measure([app for app, _ in pairs], [task for _, task in pairs]),
        "spend_share_in_one_task": {app: share for app, share, _ in apps},
        "import_s": import_s,
        "analyze_s": analyze_s,
    }


if __name__ == "__main__":
    main()
