"""The sums of an analysis as a person would write them for one log: ``python benchmarks/yardsticks.py NAME HOME``."""

import sys
from pathlib import Path

import pyarrow as pa

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
MEMORY_LIMIT = "1200MB"
COLUMNS = [
    "app", "system_prompt", "operation", "requested_at", "provider", "model", "weight", "status", "is_retry", "served_by",
    "latency_ms", "user_hash", "in_uncached", "in_cache_read", "in_cache_write_5m", "in_cache_write_1h", "out_visible",
    "out_reasoning", "messages", "input_text", "output_text", "turns", "tool_calls", "is_truncated",
]  # fmt: skip
TOKENS = ["in_uncached", "in_cache_read", "in_cache_write_5m", "out_visible", "out_reasoning"]
RATES = ["in_usd", "in_cache_read_usd", "in_cache_write_5m_usd", "out_usd", "out_reasoning_usd"]


def files(home: Path) -> list[str]:
    return sorted(map(str, (home / "calls").rglob("*.parquet")))


def prices(models: list[tuple[str, str]]) -> pa.Table:
    import pyarrow.compute as pc

    from analytics.price_table import BASE
    from analytics.prices import PriceBook

    rows = PriceBook.load().rows_for(models)
    return rows.filter(pc.equal(rows["input_above_tokens"], BASE))  # an as-of join knows one length


def with_duckdb(home: Path, memory_limit: str | None = None) -> int:
    import duckdb

    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute("set preserve_insertion_order = false")
    if memory_limit:
        connection.execute(f"set memory_limit = '{memory_limit}'")
    connection.read_parquet(files(home)).create_view("calls")
    models = connection.sql("select distinct provider, model from calls").fetchall()
    connection.register("price_rows", prices(models))
    return len(connection.sql((HERE / "any_size.sql").read_text()).to_arrow_table())


def with_pandas(home: Path) -> int:
    import pandas as pd

    calls = pd.concat([pd.read_parquet(file, columns=COLUMNS) for file in files(home)], ignore_index=True)
    calls["task"] = calls["app"].fillna(calls["system_prompt"]).fillna(calls["operation"])
    calls["date"] = calls["requested_at"].dt.floor("D")
    calls["input_tokens"] = calls[["in_uncached", "in_cache_read", "in_cache_write_5m", "in_cache_write_1h"]].sum(
        axis=1
    )
    calls["output_tokens"] = calls["out_visible"] + calls["out_reasoning"]
    calls["request"] = calls["messages"].fillna(calls["input_text"]).str.strip().str.lower()
    calls["answer"] = calls["output_text"].str.strip().str.lower()
    rates = prices(list(calls[["provider", "model"]].drop_duplicates().itertuples(index=False, name=None))).to_pandas()
    rates[RATES] = rates[RATES].astype(float)
    calls = pd.merge_asof(
        calls.sort_values("requested_at"), rates.sort_values("effective_from"),
        left_on="requested_at", right_on="effective_from", by=["provider", "model"],
    )  # fmt: skip
    calls["cost_usd"] = sum(calls[tokens] * calls[rate] for tokens, rate in zip(TOKENS, RATES, strict=True))
    calls["is_failure"] = calls["status"] == "failure"
    calls["is_trainable"] = (
        (calls["status"] == "success") & ~calls["is_truncated"].astype(bool)
        & calls["input_text"].notna() & calls["output_text"].notna()
    )  # fmt: skip
    days = calls.groupby(["task", "date", "model"], observed=True).agg(
        rows=("weight", "size"), calls=("weight", "sum"), cost_usd=("cost_usd", "sum"), failures=("is_failure", "sum"),
        retries=("is_retry", "sum"), input_tokens=("input_tokens", "sum"), cache_read=("in_cache_read", "sum"),
        output_tokens=("output_tokens", "sum"), users=("user_hash", "count"), trainable=("is_trainable", "sum"),
    )  # fmt: skip
    trainable = calls[calls["is_trainable"]].groupby("task", observed=True)
    trainable[["latency_ms", "input_tokens", "output_tokens"]].quantile([0.5, 0.95])
    trainable[["request", "answer"]].nunique()
    calls[calls["is_trainable"]].groupby(["task", "request", "answer"], observed=True).size()
    return len(days)


def with_polars(home: Path) -> int:
    import polars as pl

    scan = pl.scan_parquet(files(home))
    models = scan.select("provider", "model").unique().collect().rows()
    rates = pl.from_arrow(prices(models)).with_columns(pl.col(*RATES).cast(pl.Float64)).sort("effective_from")
    calls = scan.select(
        *COLUMNS,
        task=pl.coalesce("app", "system_prompt", "operation"),
        date=pl.col("requested_at").dt.date(),
        input_tokens=pl.sum_horizontal("in_uncached", "in_cache_read", "in_cache_write_5m", "in_cache_write_1h"),
        output_tokens=pl.col("out_visible") + pl.col("out_reasoning"),
        request=pl.coalesce("messages", "input_text").str.strip_chars().str.to_lowercase().hash(),
        answer=pl.col("output_text").str.strip_chars().str.to_lowercase().hash(),
        is_trainable=(pl.col("status") == "success") & ~pl.col("is_truncated")
        & pl.col("input_text").is_not_null() & pl.col("output_text").is_not_null(),
    ).drop("messages", "input_text", "output_text", "system_prompt")  # fmt: skip
    priced = calls.sort("requested_at").join_asof(
        rates.lazy().select("provider", "model", "effective_from", *RATES),
        left_on="requested_at", right_on="effective_from", by=["provider", "model"], check_sortedness=False,
    ).with_columns(cost_usd=pl.sum_horizontal(pl.col(t) * pl.col(r) for t, r in zip(TOKENS, RATES, strict=True)))  # fmt: skip
    days = priced.group_by("task", "date", "model").agg(
        pl.len().alias("rows"), pl.sum("weight").alias("calls"), pl.sum("cost_usd"), pl.sum("is_retry"),
        (pl.col("status") == "failure").sum().alias("failures"), pl.sum("input_tokens"), pl.sum("in_cache_read"),
        pl.sum("output_tokens"), pl.count("user_hash").alias("users"), pl.sum("is_trainable"),
    )  # fmt: skip
    trainable = calls.filter("is_trainable")
    quantiles = [
        pl.quantile(name, q).alias(f"{name}_{q}")
        for name in ("latency_ms", "input_tokens", "output_tokens")
        for q in (0.5, 0.95)
    ]
    lengths = trainable.group_by("task").agg(*quantiles, pl.n_unique("request"), pl.n_unique("answer"))
    repeats = trainable.group_by("task", "request", "answer").agg(pl.len()).group_by("task").agg(pl.sum("len"))
    return len(pl.collect_all([days, lengths, repeats])[0])


if __name__ == "__main__":
    name, home = sys.argv[1], Path(sys.argv[2])
    work = {
        "duckdb": with_duckdb, "duckdb-limited": lambda at: with_duckdb(at, MEMORY_LIMIT), "pandas": with_pandas,
        "polars": with_polars,
    }  # fmt: skip
    print(work[name](home))
