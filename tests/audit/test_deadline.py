"""A connection is cut when the time of its use is over, also one that comes later."""

import socket
import time
from types import SimpleNamespace

from psycopg import OperationalError

from service.audit.deadline import Deadline


def connected():
    """A connection as psycopg shows it, and the other end of its socket."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(10)
    return SimpleNamespace(pgconn=SimpleNamespace(socket=ours.fileno()), keep=ours), theirs


def is_cut(theirs):
    return theirs.recv(1) == b""


def test_what_is_used_for_too_long_is_cut_and_what_comes_later_too():
    deadline = Deadline(0.01)
    first, first_end = connected()
    second, second_end = connected()
    with deadline.running():
        deadline.add(first)
        assert is_cut(first_end)
        deadline.add(second)
        assert is_cut(second_end)
    for each in (first.keep, second.keep, first_end, second_end):
        each.close()


def test_what_is_used_in_time_is_not_cut():
    deadline = Deadline(0.05)
    connection, end = connected()
    with deadline.running():
        deadline.add(connection)
    time.sleep(0.1)
    connection.keep.send(b"x")
    assert end.recv(1) == b"x"
    connection.keep.close()
    end.close()


def test_a_connection_that_is_closed_already_needs_no_cutting():
    class Closed:
        @property
        def pgconn(self):
            raise OperationalError

    deadline = Deadline(0.01)
    with deadline.running():
        deadline.add(Closed())
        time.sleep(0.05)
        deadline.add(Closed())
