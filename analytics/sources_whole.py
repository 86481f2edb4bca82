"""Files whose rows lean on each other are read as one block."""

from collections.abc import Iterator

from analytics.errors import DataMissing
from analytics.sources import MAX_WHOLE_BYTES, Block


def one_block(name: str, first: Block, rest: Iterator[Block]) -> Block:
    """All rows of a file together, each under its own line number. DataMissing when that is too much."""
    blocks = [first]
    size = len(first.text)
    for block in rest:
        blocks.append(block)
        size += len(block.text)
        if size > MAX_WHOLE_BYTES:
            raise DataMissing(
                f"{name}: a session of more than {MAX_WHOLE_BYTES >> 20} MiB; its rows lean on each other, so split "
                "it where a session ends"
            )
    if first.rows is not None:
        return Block(first.first_line, b"", [row for block in blocks for row in block.rows or ()])
    text = b"\n".join(block.text for block in blocks if block.text or block.oversized)
    broken = next((block.broken for block in blocks if block.broken), None)
    return Block(1, text, oversized=tuple(line for block in blocks for line in block.oversized), broken=broken)
