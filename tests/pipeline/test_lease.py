"""A lease belongs to one living process, and its token only ever rises."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from analytics.record import Record
from pipeline import lease

ME = lease.this_process()


@pytest.fixture
def record(workspace):
    return Record(workspace)


def test_a_free_lease_is_taken_and_held_against_others(record):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        with record.write() as connection:
            taken = lease.acquire(connection, "slot", lease.owner_of(other.pid))
            assert taken is not None
            assert lease.acquire(connection, "slot", ME) is None
        other.stdin.close()
        other.wait()
    with record.write() as connection:
        after = lease.acquire(connection, "slot", ME)
    assert after.token == taken.token + 1


def test_the_holder_gets_its_own_lease_again(record):
    with record.write() as connection:
        first = lease.acquire(connection, "slot", ME)
        assert lease.acquire(connection, "slot", ME) == first


def test_an_expired_lease_is_not_alive_although_its_process_is(record):
    with record.write() as connection:
        held = lease.grant(connection, "slot", ME)
        lease.release(connection, held)
        assert lease.live(connection, "slot") is None


def test_an_old_token_can_neither_commit_nor_beat_nor_release(record):
    with record.write() as connection:
        old = lease.grant(connection, "slot", ME)
        new = lease.grant(connection, "slot", ME)
        with pytest.raises(lease.LeaseLost, match="taken over"):
            lease.check(connection, old)
        with pytest.raises(lease.LeaseLost):
            lease.renew(connection, old)
        lease.release(connection, old)
        assert lease.live(connection, "slot") == new


def test_a_reused_process_number_is_another_process():
    assert lease.process_lives(ME)
    assert not lease.process_lives(replace(ME, process_started_at=ME.process_started_at - 3600))


def test_a_process_on_another_machine_is_judged_by_its_heartbeat(record):
    far = lease.Owner("another-machine", os.getpid(), 0.0)
    with record.write() as connection:
        held = lease.grant(connection, "slot", far)
        assert lease.live(connection, "slot") == held
