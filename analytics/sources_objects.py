"""Objects in a bucket, through the user's DuckDB. Nothing is downloaded to make it work: where the extension
that speaks to buckets is not installed, the message says so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from analytics.errors import DataMissing
from analytics.sources import SUFFIXES

OBJECT_SCHEMES = ("s3", "gs", "gcs", "r2")
LIST = "select file from glob($pattern) order by file"
FETCH = "select content from read_blob($name)"


@contextmanager
def _bucket_reader(url: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set autoload_known_extensions = false")
        try:
            connection.execute("load httpfs")
        except duckdb.Error:
            raise DataMissing(
                f"{url}: reading a bucket needs DuckDB's httpfs extension, which is not installed here. Install it "
                "once where there is a network (duckdb -c 'install httpfs'), or copy the objects to a folder and "
                "import that"
            ) from None
        try:
            for setting, value in _credentials().items():
                connection.execute(f"set {setting} = $value", {"value": value})
            yield connection
        except duckdb.Error as error:
            raise DataMissing(f"{url}: cannot be read ({str(error).splitlines()[0][:200]})") from None


def _credentials() -> dict[str, str]:
    """What the environment says, as DuckDB calls it; secrets that DuckDB itself keeps need nothing here."""
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL") or "")
    found = {
        "s3_access_key_id": os.environ.get("AWS_ACCESS_KEY_ID"),
        "s3_secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY"),
        "s3_session_token": os.environ.get("AWS_SESSION_TOKEN"),
        "s3_region": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        "s3_endpoint": endpoint.netloc,
        "s3_use_ssl": "false" if endpoint.scheme == "http" else None,
        "s3_url_style": "path" if endpoint.netloc else None,
    }
    return {setting: value for setting, value in found.items() if value}


def list_objects(url: str) -> list[str]:
    """The objects that a URL names: one, a glob's, or all logs under a prefix that ends in a slash."""
    if not url.endswith("/") and "*" not in url:
        with _bucket_reader(url):
            return [url]
    with _bucket_reader(url) as reader:
        pattern = f"{url}**" if url.endswith("/") else url
        names = [str(name) for (name,) in reader.execute(LIST, {"pattern": pattern}).fetchall()]
    logs = [name for name in names if name.endswith(SUFFIXES)]
    if not logs:
        raise DataMissing(f"{url}: names no object that is a log ({', '.join(SUFFIXES)})")
    return logs


def fetch_object(name: str, copy: Path) -> None:
    """One object as a local file."""
    with _bucket_reader(name) as reader:
        row = reader.execute(FETCH, {"name": name}).fetchone()
    if row is None:
        raise DataMissing(f"{name}: no such object")
    copy.write_bytes(row[0])
