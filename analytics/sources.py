"""Log files as people have them: paths, folders, globs, gzip, zstandard, Parquet, CSV, JSON in lines or whole.

Text is handed on as blocks of whole lines with the number of the first, so that every row can be named.
"""

import gzip
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import orjson
import pyarrow.parquet as pq

from analytics.errors import DataMissing
from analytics.sources_csv import csv_rows, delimiter_of
from analytics.sources_pages import page_of, rows_of

BLOCK_BYTES = 8 << 20
MAX_LINE_BYTES = 16 << 20  # longer lines are quarantined unread
MAX_WINDOW_BYTES = 1 << 31  # of zstandard; `zstd --long` needs more than the default
MAX_WHOLE_BYTES = 256 << 20  # of a JSON file that is not in lines
SUFFIXES = (".jsonl", ".ndjson", ".json", ".parquet", ".gz", ".zst", ".log", ".csv", ".tsv")
GZIP, ZSTD, PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"


class Place(NamedTuple):
    """Where a block's text lies in a file that is not compressed, for a worker to read it there."""

    path: str
    offset: int
    length: int

    def read(self) -> bytes:
        """The text."""
        with Path(self.path).open("rb") as file:
            file.seek(self.offset)
            return file.read(self.length)


class Block(NamedTuple):
    """Some whole rows of a file."""

    first_line: int  # 1-based
    text: bytes  # whole lines of undecoded JSON, without the last newline; split where they are read
    rows: list[dict[str, Any]] | None = None  # already decoded, from a table
    oversized: tuple[tuple[int, bytes], ...] = ()  # line number and its first bytes
    place: Place | None = None  # the same text on disk
    broken: str | None = None  # the file ended here in a way it should not have

    @property
    def lines(self) -> list[bytes]:
        """The lines of the text."""
        return self.text.split(b"\n") if self.text else []


def find_files(paths: Sequence[str]) -> list[Path]:
    """The files that paths, folders and globs name, sorted, each once. DataMissing for one that names none."""
    found: dict[Path, None] = {}
    for given in paths:
        matches = _matches(given)
        if not matches:
            raise DataMissing(f"{given}: no such file, folder or glob with log files ({', '.join(SUFFIXES)})")
        found.update(dict.fromkeys(matches))
    return list(found)


def _matches(given: str) -> list[Path]:
    path = Path(given).expanduser()
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and file.suffix in SUFFIXES)
    if path.exists():
        return [path]
    anchor = Path(path.anchor) if path.is_absolute() else Path()
    pattern = str(path.relative_to(anchor)) if path.is_absolute() else str(path)
    return sorted(match for match in anchor.glob(pattern) if match.is_file())


def read_blocks(path: Path) -> Iterator[Block]:
    """The rows of one file, in order. DataMissing when it is empty, unreadable or no log file at all."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise DataMissing(f"{path}: cannot be read ({error.strerror})") from error
    if not magic:
        raise DataMissing(f"{path}: the file is empty")
    if magic == PARQUET:
        yield from _parquet_blocks(path)
    else:
        yield from _text_blocks(path, magic)


def _parquet_blocks(path: Path) -> Iterator[Block]:
    line = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=8192):
                rows = batch.to_pylist()
                yield Block(line, b"", rows)
                line += len(rows)
    except (OSError, ValueError) as error:  # pyarrow's own errors derive from these
        raise DataMissing(f"{path}: not a readable Parquet file ({str(error).splitlines()[0][:120]})") from error


def _text_blocks(path: Path, magic: bytes) -> Iterator[Block]:
    with _open(path, magic) as file:
        head, broken = _read(file, BLOCK_BYTES)
        if b"\x00" in head[:4096]:
            raise DataMissing(f"{path}: binary data, not a log file (JSON lines, JSON, Parquet; plain, gz or zst)")
        if not head.strip() and broken is None:
            raise DataMissing(f"{path}: holds nothing but white space")
        if is_csv(path, head):
            yield from csv_blocks(head, broken, file)
        elif _is_whole_json(head):
            yield _whole(path, head, file)
        elif (page := _one_page(head, broken)) is not None:
            yield page
        else:
            yield from _lines(head, broken, file, path if file_is_plain(magic) else None)


def _open(path: Path, magic: bytes) -> IO[bytes]:
    if magic[:2] == GZIP:
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if magic == ZSTD:
        import zstandard

        large_window = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
        return cast("IO[bytes]", large_window.stream_reader(path.open("rb"), read_across_frames=True, closefd=True))
    return path.open("rb", buffering=io.DEFAULT_BUFFER_SIZE)


def _read(file: IO[bytes], size: int) -> tuple[bytes, str | None]:
    """Up to ``size`` bytes; a damaged compressed stream ends the file with a reason instead of an exception."""
    parts: list[bytes] = []
    have = 0
    # read1 hands out what is decompressed so far, so a stream that breaks later loses nothing.
    read = getattr(file, "read1", file.read)
    while have < size:
        try:
            part = read(min(size - have, 1 << 20))
        except (EOFError, OSError, ValueError) as error:
            return b"".join(parts), f"the compressed file is cut or damaged ({error})"
        except Exception as error:  # zlib.error and zstandard.ZstdError share no base below Exception
            return b"".join(parts), f"the compressed file is damaged ({error})"
        if not part:
            break
        parts.append(part)
        have += len(part)
    return b"".join(parts), None


def is_csv(path: Path, head: bytes) -> bool:
    """A table by its name, or by a first line of column names."""
    named = {".csv", ".tsv"} & set(path.suffixes[-2:])
    return head.lstrip()[:1] not in (b"{", b"[") and (bool(named) or delimiter_of(head) is not None)


def csv_blocks(head: bytes, broken: str | None, file: IO[bytes]) -> Iterator[Block]:
    """The rows of a table in text; the header is line 1."""
    line = 2
    chunks = _chunks(head, broken, file)
    for rows, why in csv_rows(chunks, delimiter_of(head) or ","):
        yield Block(line, b"", rows, broken=why)
        line += len(rows)


def _is_whole_json(head: bytes) -> bool:
    """An array, or an object over several lines; JSON lines start with a complete object."""
    text = head.lstrip()
    if text[:1] == b"[":
        return True
    first = text.split(b"\n", 1)[0].strip()
    return first == b"{" or (first[:1] == b"{" and first[-1:] in (b",", b"{", b"[") and len(first) < 4096)


def _whole(path: Path, head: bytes, file: IO[bytes]) -> Block:
    rest, broken = _read(file, MAX_WHOLE_BYTES)
    if broken or file.read(1):
        raise DataMissing(f"{path}: {broken or 'one JSON document of more than 256 MiB; write it as JSON lines'}")
    try:
        document = orjson.loads(head + rest)
    except orjson.JSONDecodeError as error:
        raise DataMissing(f"{path}: not complete JSON ({error})") from error
    return _block_of(document)


def _one_page(head: bytes, broken: str | None) -> Block | None:
    """The rows of a file that is one line, and that line one page of an API's answer."""
    text = head.strip()
    if broken or len(head) >= BLOCK_BYTES or b"\n" in text or text[:1] != b"{":
        return None
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None  # the line is quarantined where it is read
    return _block_of(document) if page_of(document) is not None else None


def _block_of(document: Any) -> Block:
    return Block(1, b"\n".join(orjson.dumps(row) for row in rows_of(document)))


def file_is_plain(magic: bytes) -> bool:
    """Is a file that starts like this text as it stands?"""
    return magic[:2] != GZIP and magic != ZSTD


def _lines(head: bytes, broken: str | None, file: IO[bytes], plain: Path | None) -> Iterator[Block]:
    """Whole lines, a block at a time. A line that is too long is skipped, and named by its first bytes."""
    line, carry, giant, position = 1, b"", None, 0
    for data, why in _chunks(head, broken, file):
        broken = why
        position += len(data)
        if giant is not None:
            end = data.find(b"\n")
            if end < 0:
                continue
            yield Block(line, b"", oversized=((line, giant),))
            line, giant, data = line + 1, None, data[end + 1 :]
        text = carry + data
        cut = text.rfind(b"\n") + 1
        carry = text[cut:]
        if len(carry) > MAX_LINE_BYTES:
            giant, carry = carry[:200], b""
        if cut:
            block = _block(line, text[: cut - 1])
            if plain and not block.oversized:
                block = block._replace(place=Place(str(plain), position - len(text), cut - 1))
            yield block
            line += block.text.count(b"\n") + 1
    if giant is not None:
        yield Block(line, b"", oversized=((line, giant),))
    if carry:
        yield _block(line, carry)
    if broken is not None:
        yield Block(line, b"", broken=broken)


def _chunks(head: bytes, broken: str | None, file: IO[bytes]) -> Iterator[tuple[bytes, str | None]]:
    data = head
    while data or broken:
        yield data, broken
        data, broken = (b"", None) if broken else _read(file, BLOCK_BYTES)


def _block(first_line: int, text: bytes) -> Block:
    """Lines that are too long but came in one piece are named like the others, and left blank."""
    if len(text) <= MAX_LINE_BYTES:
        return Block(first_line, text)
    lines = text.split(b"\n")
    long = tuple((first_line + i, line[:200]) for i, line in enumerate(lines) if len(line) > MAX_LINE_BYTES)
    return Block(first_line, b"\n".join(b"" if len(line) > MAX_LINE_BYTES else line for line in lines), oversized=long)
