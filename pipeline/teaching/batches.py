"""Questions through a provider's batch service: half the price, never paid twice, results are fetched by name.

The lines are reserved and the batch's own name is stored before it is submitted; the provider's id is stored before it
is asked about. After a crash the batch is found again by that name, and only what nobody has is submitted.
"""

import secrets
import time
from typing import TYPE_CHECKING, Any

from pipeline.teacher import BatchService, CallFailed, ProviderError
from pipeline.teaching.keys import hide
from pipeline.teaching.ledger import Sent
from pipeline.teaching.request import NotAReply, Request

if TYPE_CHECKING:
    from pipeline.teaching.asker import Asker

LINES = 5_000  # a batch
ROUNDS = 3  # in which lines that failed are submitted again
NAME = "spiritsafe_batch"
ENDED = ("completed", "failed", "expired", "cancelled")


def run_batches(asker: "Asker", open_: dict[str, Request]) -> None:
    """Collect what earlier batches hold, then submit what is left until it is answered or has failed too often."""
    service = BatchService(asker.terms.model, asker.terms.api_base, asker.patience.deadline_s)
    try:
        for ref, batch_id in asker.ledger.open_batches():
            _finish(asker, service, ref, batch_id, open_)
        for _ in range(ROUNDS):
            left = [(key, request) for key, request in open_.items() if asker.ledger.answer(key) is None]
            for place in range(0, len(left), LINES):
                _submit_and_finish(asker, service, dict(left[place : place + LINES]))
        asker.counts.gave_up += sum(asker.ledger.answer(key) is None for key in open_)
    finally:
        service.close()


def _submit_and_finish(asker: "Asker", service: BatchService, part: dict[str, Request]) -> None:
    asker.before_send()
    ref = secrets.token_hex(8)
    asker.reserve([asker.priced(key, request) for key, request in part.items()], ref)
    asker.counts.sent += len(part)
    _finish(asker, service, ref, None, part, is_new=True)


def _finish(
    asker: "Asker",
    service: BatchService,
    ref: str,
    batch_id: str | None,
    asked: dict[str, Request],
    is_new: bool = False,
) -> None:
    """Bring one batch to its end, from wherever it stands."""
    sends = asker.ledger.batch_sends(ref)
    if batch_id is None and not is_new:
        batch_id = _look_for(asker, service, ref)
    if batch_id is None:
        lines = [(str(sent.send_id), asked[sent.key]) for sent in sends if sent.key in asked]
        if not is_new:  # it never reached the provider; what the run does not ask for any more is let go
            for sent in sends:
                if sent.key not in asked:
                    asker.ledger.set_free(sent, "never submitted")
        if not lines:
            return asker.ledger.end_batch(ref)
        batch_id = _patiently(asker, lambda: service.submit(lines, {NAME: ref}), lambda: service.find(NAME, ref))
    asker.ledger.name_batch(ref, batch_id)
    _collect(asker, service, _wait(asker, service, batch_id), sends, asked)
    asker.ledger.end_batch(ref)


def _look_for(asker: "Asker", service: BatchService, ref: str) -> str | None:
    """A batch submitted just before a crash may be listed a little later."""
    for look in range(asker.patience.lost_batch_looks):
        if look:
            time.sleep(asker.patience.poll_s)
        if found := _patiently(asker, lambda: service.find(NAME, ref) or ""):
            return str(found)
    return None


def _wait(asker: "Asker", service: BatchService, batch_id: str) -> dict[str, Any]:
    while True:
        asker.before_send()
        state: dict[str, Any] = _patiently(asker, lambda: service.state(batch_id))
        if state["status"] in ENDED:
            return state
        time.sleep(asker.patience.poll_s)


def _collect(
    asker: "Asker", service: BatchService, state: dict[str, Any], sends: list[Sent], asked: dict[str, Request]
) -> None:
    """Store and settle each line; what the provider did not answer it does not bill."""
    by_id = {str(sent.send_id): sent for sent in sends}
    for name in ("output_file_id", "error_file_id"):
        if not state.get(name):
            continue
        lines: list[dict[str, Any]] = _patiently(asker, lambda name=name: service.lines(state[name]))
        for line in lines:
            sent = by_id.pop(str(line.get("custom_id")), None)
            if sent is not None:
                _settle_line(asker, sent, line, asked.get(sent.key))
    for sent in by_id.values():
        asker.ledger.set_free(sent, f"batch {state['status']}")


def _settle_line(asker: "Asker", sent: Sent, line: dict[str, Any], request: Request | None) -> None:
    from pipeline.artifacts import canonical

    response = line.get("response") or {}
    if response.get("status_code") != 200:
        return asker.ledger.set_free(sent, hide(canonical(line.get("error") or "no answer"))[:300])
    raw = hide(canonical(response.get("body")))
    if request is None:  # of an earlier question; its answer is kept, its cost stays at worst case
        return asker.ledger.settle(sent, raw, sent.micros)
    try:
        asker.settle(sent, request, raw)
    except NotAReply as error:
        asker.ledger.set_unknown(sent, str(error))


def _patiently(asker: "Asker", call: Any, instead: Any = None) -> Any:
    """The call, again and again while the provider is away. ``instead`` finds what a lost answer had already done."""
    wait_s = asker.patience.first_wait_s
    while True:
        try:
            return call()
        except CallFailed as failure:
            if failure.stops_the_run:
                raise ProviderError(f"the batch service of {asker.terms.model} refused: {failure}") from None
            asker.before_send()
            time.sleep(failure.retry_after_s or wait_s)
            wait_s = min(2 * wait_s, asker.patience.longest_wait_s)
        if instead is not None and (found := _patiently(asker, lambda: instead() or "")):
            return found
