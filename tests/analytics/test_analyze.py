"""An analysis reads what is new, keeps what it counted, and loses nothing when it is stopped."""

import shutil
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from analytics import analyze as module
from analytics.analyze import analyze
from analytics.engine import Inline
from analytics.gold import add_gold
from analytics.ingest import import_files
from analytics.partials import PARTIALS
from analytics.price_user import append_user_price
from analytics.workspace import Workspace
from tests.loglines import START, shop_mail, write_jsonl

FILES, ROWS = 5, 300


class Spy:
    """An engine that says which shards it was asked to read; ``breaks_at``: the job that fails."""

    def __init__(self, breaks_at=None):
        self.jobs, self.breaks_at = [], breaks_at

    def run(self, work, jobs):
        if work.__name__ == "measure_one":  # narrowness reads no shard
            yield from Inline().run(work, jobs)
            return
        for job in jobs:
            if self.breaks_at == len(self.jobs):
                raise KeyboardInterrupt
            self.jobs.append((work.__name__, job.shard.shard_id))
            yield from Inline().run(work, [job])

    @property
    def read(self):
        return {shard for _, shard in self.jobs}


@pytest.fixture
def spy(monkeypatch):
    def watch(**options):
        found = Spy(**options)
        monkeypatch.setattr(module, "find_engine", lambda name, rows: found)
        return found

    return watch


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Five imports of one task, one shard each."""
    monkeypatch.setattr("analytics.shards.ROWS_A_SHARD", ROWS)
    rows = list(shop_mail(FILES * ROWS))
    for number in range(FILES):
        write_jsonl(tmp_path / f"{number}.jsonl", rows[number * ROWS : (number + 1) * ROWS])
    workspace = Workspace(tmp_path / "home")
    for number in range(FILES - 1):
        import_files(workspace, [str(tmp_path / f"{number}.jsonl")])
    return workspace


def newest(workspace):
    folder = module.latest_snapshot(workspace)
    return {name: sorted(map(str, pq.read_table(folder / f"{name}.parquet").to_pylist())) for name in PARTIALS}


def test_nothing_is_read_twice(home, spy):
    first, second = spy(), None
    analyze(home)
    assert len(first.jobs) == 2 * (FILES - 1) and len(first.read) == FILES - 1
    second = spy()
    analyze(home)
    assert second.jobs == []


def test_one_more_day_reads_that_day_alone(home, spy, tmp_path):
    known = spy()
    analyze(home)
    import_files(home, [str(tmp_path / f"{FILES - 1}.jsonl")])
    added = spy()
    assert analyze(home).calls == FILES * ROWS
    assert len(added.read) == 1 and not added.read & known.read


def test_day_by_day_counts_what_all_at_once_counts(home, tmp_path):
    analyze(home)
    import_files(home, [str(tmp_path / f"{FILES - 1}.jsonl")])
    analyze(home)
    day_by_day = newest(home)
    shutil.rmtree(home.partials)
    analyze(home)
    assert newest(home) == day_by_day


def test_a_stopped_analysis_goes_on_where_it_was(home, spy):
    spy(breaks_at=FILES + 1)
    with pytest.raises(KeyboardInterrupt):
        analyze(home)
    assert module.latest_snapshot(home) is None
    rest = spy()
    analyze(home)
    assert len(rest.jobs) == 2 * (FILES - 1) - (FILES + 1)


def test_a_new_price_counts_again_what_it_concerns(home, spy):
    analyze(home)
    append_user_price(home.prices, "openai/gpt-4o", {"in": "1", "out": "1"}, None, START)
    again = spy()
    analyze(home)
    assert {work for work, _ in again.jobs} == {"measure_shard"} and len(again.jobs) == FILES - 1
    append_user_price(home.prices, "openai/another-model", {"in": "1", "out": "1"}, None, START)
    none = spy()
    analyze(home)
    assert none.jobs == []


def test_gold_counts_when_it_comes_later(home, tmp_path):
    analyze(home)
    file = tmp_path / "gold.csv"
    file.write_text("call_id,gold\n" + "".join(f"call-{number},refund\n" for number in range(60)))
    add_gold(home, file, "call_id", "gold")
    analyze(home)
    assert newest(home)["gold_by_node"]


def test_small_imports_are_worked_on_together(tmp_path, spy):
    workspace = Workspace(tmp_path / "home")
    rows = list(shop_mail(600))
    for number in range(6):
        import_files(
            workspace, [str(write_jsonl(tmp_path / f"{number}.jsonl", rows[number * 100 : number * 100 + 100]))]
        )
    assert len((seen := spy()).jobs) == 0 and analyze(workspace).calls == 600
    assert len(seen.read) == 1


def test_kept_tables_that_nobody_needs_go(home):
    analyze(home)
    append_user_price(home.prices, "openai/gpt-4o", {"in": "1", "out": "1"}, None, START + timedelta(days=1))
    analyze(home)
    append_user_price(home.prices, "openai/gpt-4o", {"in": "2", "out": "1"}, None, START + timedelta(days=1))
    analyze(home)
    per_analysis = 2 * (FILES - 1) + 2  # evidence and measures of each shard, and both merged
    assert len(list(home.partials.iterdir())) <= 2 * per_analysis
