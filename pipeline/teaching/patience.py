"""How long a run waits for a provider, in one place so that tests can hurry."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Waiting times and limits of the one that repeats calls."""

    deadline_s: float = 120.0  # of one call
    first_wait_s: float = 1.0  # doubled after each failure, and then anything between 0 and that
    longest_wait_s: float = 60.0
    open_s: float = 30.0  # breaker
    tries: int = 4  # of one question, failures of the provider as a whole apart
    repeat_share: float = 0.1  # of calls that may be repeats before the breaker makes everyone wait
    free_repeats: int = 10  # that are always allowed, so that a small run is not stopped by its first failure
    poll_s: float = 15.0  # between looks at a batch
    lost_batch_looks: int = 3  # for a batch that was perhaps submitted before a crash


USUAL = Patience()
