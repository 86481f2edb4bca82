"""LiteLLM's table of calls in the proxy's own database, read row by row through a cursor on the server.

Memory stays constant however long the table is. A password in a URL is used to connect and never shown:
names, messages and the record carry the URL without it.
"""

import importlib
import importlib.util
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa

from analytics.errors import DataMissing, InputError, MissingExtra
from analytics.sources import Block

TABLE_SCHEMES = ("postgresql", "postgres", "sqlite")
TABLE = "LiteLLM_SpendLogs"
DRIVERS = ("psycopg", "psycopg2")
ROWS_A_BLOCK = 2_000
BLOCKS_A_PART = 100


def shown_url(given: str) -> str:
    """A database URL for people and the record: no password, no options, with the table's name."""
    url = _parsed(given)
    return f"{url.set(query={}, password=None).render_as_string()}#{TABLE}"


def table_blocks(given: str) -> Iterator[Block]:
    """The rows of the table, in blocks. DataMissing when the database or the table cannot be read."""
    engine = sa.create_engine(_with_driver(_parsed(given)))
    line = 1
    try:
        with engine.connect() as connection:
            _leave_json(connection)
            streamed = connection.execution_options(stream_results=True, yield_per=ROWS_A_BLOCK)
            for rows in streamed.execute(sa.select(sa.text("*")).select_from(sa.table(TABLE))).mappings().partitions():
                yield Block(line, b"", [dict(row) for row in rows])
                line += len(rows)
    except sa.exc.SQLAlchemyError as error:
        raise DataMissing(f"{shown_url(given)}: cannot be read ({_why(error, _parsed(given))})") from None
    finally:
        engine.dispose()


def parts_of(blocks: Iterator[Block]) -> Iterator[Iterator[Block]]:
    """The blocks in parts; each must be read before the next is asked for."""
    for first in blocks:
        yield chain([first], islice(blocks, BLOCKS_A_PART - 1))


def _leave_json(connection: sa.Connection) -> None:
    """JSON columns as the text they are: importers decode what they need, and faster than the driver does."""
    made = connection.connection.driver_connection
    if connection.dialect.driver == "psycopg":
        adapters = importlib.import_module("psycopg.types.json")
        adapters.set_json_loads(lambda data: data if isinstance(data, str) else data.decode(), made)
    elif connection.dialect.driver == "psycopg2":
        extras = importlib.import_module("psycopg2.extras")
        extras.register_default_json(made, loads=lambda text: text)
        extras.register_default_jsonb(made, loads=lambda text: text)


def _parsed(given: str) -> sa.URL:
    try:
        return sa.make_url(given.replace("postgres://", "postgresql://", 1))
    except (sa.exc.ArgumentError, ValueError):
        raise InputError(
            "the database URL cannot be read; write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
            "with special characters of the password percent-encoded"
        ) from None


def _with_driver(url: sa.URL) -> sa.URL:
    """The driver that is there, unless the URL names one."""
    if url.drivername != "postgresql":
        return url
    for driver in DRIVERS:
        if importlib.util.find_spec(driver):
            return url.set(drivername=f"postgresql+{driver}")
    raise MissingExtra("psycopg", "postgres")


def _why(error: Exception, url: sa.URL) -> str:
    """The driver's own first line, without the password should it hold it."""
    cause: Any = getattr(error, "orig", None) or error
    text = " ".join(str(cause).split("\n")[:1])[:200]
    return text.replace(url.password, "***") if url.password else text
