"""Prices: dated, by precedence, never guessed; and the SQL that applies them."""

import importlib.util
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from cyclopts import App
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import cli_prices, price_snapshot
from analytics.costs import call_cost_usd
from analytics.errors import DataMissing, InputError, UnknownName
from analytics.price_names import canonical_provider, spellings
from analytics.price_rows import COLUMN_OF, FOR_EVER, PRICES
from analytics.price_table import ALWAYS, BASE, RATES
from analytics.price_user import append_user_price, read_user_prices
from analytics.prices import SNAPSHOT, PriceBook
from analytics.workspace import SQL

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def book():
    return PriceBook.load()


def usd_per_million(book, provider, model, day=date(2025, 3, 1)):
    """Input, cache read, cache write and output in force on a day; None when the model is unknown."""
    when = datetime(day.year, day.month, day.day, tzinfo=UTC)
    known = [price for price in book.prices_for(provider, model) if price.effective_from <= when]
    if not known:
        return None
    rates = [known[-1].rate(rate) * 1_000_000 for rate in ("in", "cache_read", "cache_write_5m", "out")]
    return tuple(float(rate) for rate in rates)


LIST_PRICES = {
    "gpt-4o": (2.5, 1.25, 2.5, 10.0),
    "gpt-4o-mini": (0.15, 0.075, 0.15, 0.6),
    "gpt-4.1": (2.0, 0.5, 2.0, 8.0),
    "gpt-4.1-mini": (0.4, 0.1, 0.4, 1.6),
    "gpt-4-turbo": (10.0, 10.0, 10.0, 30.0),
    "gpt-3.5-turbo": (0.5, 0.5, 0.5, 1.5),
    "claude-3-5-sonnet-20241022": (3.0, 0.3, 3.75, 15.0),
    "claude-3-5-haiku-20241022": (0.8, 0.08, 1.0, 4.0),
    "claude-sonnet-4-20250514": (3.0, 0.3, 3.75, 15.0),
    "text-embedding-3-small": (0.02, 0.02, 0.02, 0.0),
}


@pytest.mark.parametrize("model", LIST_PRICES)
@pytest.mark.parametrize("day", [date(2025, 1, 1), date(2025, 6, 30)])
def test_list_prices_of_common_models(book, model, day):
    provider = "anthropic" if model.startswith("claude") else "openai"
    assert usd_per_million(book, provider, model, day) == LIST_PRICES[model]
    assert usd_per_million(book, None, f"{provider}/{model}", day) == LIST_PRICES[model]


def test_the_price_of_the_day_applies(book):
    assert usd_per_million(book, "openai", "o3", date(2025, 6, 9))[0] == 10
    assert usd_per_million(book, "openai", "o3", date(2025, 6, 10))[0] == 2


@pytest.mark.parametrize(
    ("provider", "model", "listed_as"),
    [
        ("openai", "gpt-4o-2024-08-06", "openai/gpt-4o"),
        ("azure", "azure/gpt-4o", "openai/gpt-4o"),
        ("azure", "gpt-35-turbo", "openai/gpt-3.5-turbo"),
        ("bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", "aws/"),
        ("bedrock_converse", "anthropic.claude-3-haiku-20240307-v1:0", "aws/"),
        ("bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0", "aws/"),
        ("vertex_ai", "claude-3-5-sonnet@20240620", "google/claude-3-5-sonnet"),
        ("vertex_ai-anthropic_models", "vertex_ai/claude-sonnet-4@20250514", "google/claude-4-sonnet"),
        ("gemini", "models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("openrouter", "anthropic/claude-3.5-sonnet", "openrouter/anthropic/claude-3.5-sonnet"),
        ("litellm_proxy", "gpt-4o", "openai/gpt-4o"),
        ("", "claude-3-5-sonnet-20241022", "anthropic/claude-3-5-sonnet"),
        ("openai", "ft:gpt-4o-2024-08-06:org::id", "openai/ft:gpt-4o"),
        ("xai", "grok-3", "x-ai/grok-3"),
    ],
)
def test_names_as_logs_spell_them(book, provider, model, listed_as):
    prices = book.prices_for(provider, model)
    assert prices and prices[0].listed_as.startswith(listed_as)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-9-ultra"),
        ("openai", "gpt-4o-ultra"),
        ("openai", "my-finetune"),
        (None, "my-finetune"),
        ("azure", "prod-deployment-3"),
        ("anthropic", "claude-9-opus"),
        ("anthropic", "claude-3-5-sonnet-my-finetune"),
        ("anthropic", "claude-sonnet-4-99"),
        ("hosted_vllm", "gpt-4o"),
        ("nowhere", "gpt-4o"),
        ("openai", ""),
    ],
)
def test_an_unknown_model_has_no_price(book, provider, model):
    assert book.prices_for(provider, model) == []
    assert book.rows_for([(provider, model)]).num_rows == 0


def test_rows_follow_one_another_without_gap_or_overlap(book):
    rows = book.rows_for([("openai", "o3"), ("openai", "o3"), ("openai", None), ("openai", "gpt-4o")]).to_pylist()
    assert [row["model"] for row in rows] == ["o3", "o3", "gpt-4o"]
    assert rows[0]["effective_from"] == ALWAYS
    assert rows[0]["effective_to"] == rows[1]["effective_from"] == datetime(2025, 6, 10, tzinfo=UTC)
    assert rows[1]["effective_to"] == FOR_EVER
    assert {row["price_source"] for row in rows} == {"genai-prices 0.2.3"}


def test_an_hour_of_cache_costs_twice_the_input_rate_at_anthropic(book):
    (price,) = book.prices_for("anthropic", "claude-3-5-haiku-20241022")
    assert price.rate("cache_write_1h") == 2 * price.rate("in")


def test_a_long_prompt_costs_the_long_rate(book):
    (price, *_) = book.prices_for("openai", "gpt-5.6-luna")
    assert price.thresholds() == [BASE, 272_000]
    assert price.rate("in", above=272_000) == 2 * price.rate("in")
    assert price.rate("out", above=272_000) == Decimal("1.5") * price.rate("out")


def test_every_file_of_the_snapshot_gives_valid_prices(book):
    files = sorted(SNAPSHOT.glob("*.json"))
    assert len(files) > 50
    for provider in book.providers():
        for model in book.models(provider):
            for price in book.prices_for(provider, model):
                assert all(price.rate(rate, tier=tier) >= 0 for tier in price.tiers for rate in RATES)
                assert price.source.split()[0] in ("genai-prices", "litellm")
                assert price.effective_from.tzinfo is UTC


def test_the_snapshot_is_dated_and_names_its_licences(book):
    assert book.snapshot_date == date(2026, 11, 24)
    assert "MIT License" in (SNAPSHOT / "README.md").read_text()


def test_the_committed_snapshot_is_what_the_script_builds(tmp_path, book):
    pytest.importorskip("genai_prices")
    if importlib.util.find_spec("litellm") is None:
        pytest.skip("litellm is not installed")
    assert price_snapshot.build(tmp_path, book.snapshot_date) > 4_000
    built = {file.name: file.read_text() for file in tmp_path.glob("*.json")}
    committed = {file.name: file.read_text() for file in SNAPSHOT.glob("*.json") if file.name != "added.json"}
    assert built == committed


@pytest.fixture
def own(tmp_path):
    return tmp_path / "prices.json"


def test_a_price_of_ones_own_stands_above_the_shipped_one_from_its_day_on(own):
    append_user_price(own, "openai/gpt-4o", {"in": "1", "out": "4"}, date(2025, 5, 1), NOW)
    book = PriceBook.load(own)
    assert usd_per_million(book, "openai", "gpt-4o", date(2025, 4, 30)) == (2.5, 1.25, 2.5, 10)
    assert usd_per_million(book, "openai", "openai/gpt-4o", date(2025, 5, 1)) == (1, 1, 1, 4)
    assert [row["price_source"] for row in book.rows_for([("openai", "gpt-4o")]).to_pylist()][-1] == "user"


def test_the_last_price_for_a_day_counts_and_the_earlier_one_is_kept(own):
    for price in ("1", "2"):
        append_user_price(own, "mycorp/tuned", {"in": price, "out": "0"}, None, NOW)
    assert len(read_user_prices(own)) == 2
    assert usd_per_million(PriceBook.load(own), "mycorp", "tuned")[0] == 2
    assert usd_per_million(PriceBook.load(own), "litellm_proxy", "mycorp/tuned")[0] == 2


@pytest.mark.parametrize("price", ["nan", "-1", "inf", "free", "1e9"])
def test_a_price_that_is_no_price_is_refused(own, price):
    with pytest.raises(InputError, match="USD per million tokens"):
        append_user_price(own, "openai/gpt-4o", {"in": price, "out": "1"}, None, NOW)
    assert not own.exists()


@pytest.mark.parametrize(
    "text",
    [
        '{"prices": [{"provider": "openai"}]}',
        '{"prices": [{"provider": "a", "model": "b", "in": "x", "out": "1"}]}',
        '{"prices": [{"provider": "a", "model": "b", "in": "1"}]}',
        '{"prices": [{"provider": "a", "model": "b", "in": "1", "out": "1", "from": "soon"}]}',
        '{"prices": [',
    ],
)
def test_a_damaged_price_file_is_named(own, text):
    own.write_text(text)
    with pytest.raises(InputError, match=r"prices\.json"):
        PriceBook.load(own)


def run(home, *arguments):
    app = App(name="test", result_action="return_value")
    cli_prices.mount(app)
    app(["prices", *arguments, "--home", str(home)])


def test_prices_are_set_and_listed_on_the_command_line(tmp_path, capsys):
    run(tmp_path, "set", "openai/mine", "--input", "3", "--output", "12", "--from", "2026-01-01", "--json")
    assert json.loads(capsys.readouterr().out)["from"] == "2026-01-01"
    run(tmp_path, "list", "--model", "openai/mine", "--json")
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["in_usd"], row["out_usd"], row["price_source"]) == (3e-06, 1.2e-05, "user")
    run(tmp_path, "list")
    shown = capsys.readouterr().out
    assert "anthropic" in shown and "2026-01-01" in shown


def test_listing_what_is_unknown_says_how_to_set_it(tmp_path):
    with pytest.raises(DataMissing, match="prices set PROVIDER/gpt-9"):
        run(tmp_path, "list", "--model", "gpt-9")
    with pytest.raises(UnknownName, match="anthropic"):
        run(tmp_path, "list", "--provider", "anthropics")
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        run(tmp_path, "set", "a/b", "--input", "1", "--output", "1", "--from", "01.02.2026")


def test_spellings_start_with_the_name_as_written():
    assert spellings("Azure/GPT-4o-20240806")[0] == "azure/gpt-4o-20240806"
    assert "gpt-4o-2024-08-06" in spellings("azure/gpt-4o-20240806")
    assert canonical_provider(" Vertex_AI-language-models ") == "google"
    assert canonical_provider(None) is canonical_provider("") is None


TOKENS = ("in_uncached", "in_cache_read", "in_cache_write_5m", "in_cache_write_1h", "out_visible", "out_reasoning")
RATE_NAMES = list(COLUMN_OF.values())


@pytest.fixture(scope="module")
def priced_in_sql():
    connection = duckdb.connect()
    connection.execute((SQL / "macros" / "call_cost.sql").read_text())
    schema = pa.schema([*((name, pa.int64()) for name in TOKENS), *(PRICES.field(name) for name in RATE_NAMES)])

    def cost(**row):
        table = pa.Table.from_pylist([row], schema=schema)
        connection.register("one_call", table)
        ((value,),) = connection.execute("select call_cost(one_call) from one_call").fetchall()
        return value

    yield cost
    connection.close()


counts = st.tuples(*[st.integers(0, 10_000_000)] * 6)
rates = st.tuples(*[st.decimals(0, Decimal("0.01"), places=12)] * 6)


@settings(deadline=None)
@given(tokens=counts, usual=rates)
def test_sql_and_python_agree_to_the_last_digit(priced_in_sql, tokens, usual):
    row = {**dict(zip(TOKENS, tokens, strict=True)), **dict(zip(RATE_NAMES, usual, strict=True))}
    assert priced_in_sql(**row) == call_cost_usd(tokens, usual)


@settings(deadline=None)
@given(tokens=counts, more=counts, usual=rates)
def test_cost_is_additive_and_rises_with_tokens(priced_in_sql, tokens, more, usual):
    priced = dict(zip(RATE_NAMES, usual, strict=True))
    one, other, both = (
        priced_in_sql(**dict(zip(TOKENS, counted, strict=True)), **priced)
        for counted in (tokens, more, [a + b for a, b in zip(tokens, more, strict=True)])
    )
    assert one + other == both >= one >= 0


ORACLE = dict(zip(RATE_NAMES, (Decimal(rate) / 1_000_000 for rate in ("2", "0.2", "2", "2", "10", "10")), strict=True))


def test_published_cost_of_a_call_in_sql(priced_in_sql):
    call = {"in_uncached": 1000, "in_cache_read": 500, "out_visible": 300, **ORACLE}
    assert priced_in_sql(**call) == Decimal("0.0051")


def test_an_unknown_price_or_count_costs_an_unknown_amount_in_sql(priced_in_sql):
    assert priced_in_sql(in_uncached=1000, out_visible=300) is None
    assert priced_in_sql(out_visible=300, **ORACLE) is None
    assert priced_in_sql(in_uncached=1000, **ORACLE) is None
