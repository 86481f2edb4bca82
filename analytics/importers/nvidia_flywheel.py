"""NVIDIA's data flywheel: OpenAI pairs with the workload and the client that made them.

The workload is the task. Tokens as OpenAI counts them: inclusive. Times are epoch seconds.
"""

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import read_exchange
from analytics.importers.envelope import around, pair_of, provider_of
from analytics.importers.fields import mapping


def recognise(row: Row) -> float:
    """A request and a response of a workload."""
    if "workload_id" not in row and "client_id" not in row:
        return 0.0
    return 1.0 if mapping(row.get("request")) and "response" in row else 0.0


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    pair = pair_of(row)
    found = read_exchange(*pair)
    model = found["model"] if isinstance(found["model"], str) else None
    provider = row.get("provider") or (provider_of(model) if model else None)
    return {**around(row, pair, time_needed=True), **found, "model": model, "provider": provider}


IMPORTER = Importer(
    name="nvidia_flywheel",
    describe="NVIDIA data flywheel records: workload, client, request, response",
    token_convention="inclusive",
    naive_time_is_utc=True,
    recognise=recognise,
    read=read,
)
