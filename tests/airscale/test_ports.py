"""The API server's port."""

import socket
import threading
from collections.abc import Iterator

import pytest

from airscale import ports
from airscale.errors import StackError
from airscale.home import Home
from airscale.ports import HOST, Ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_chosen_port_is_remembered(home: Home) -> None:
    chosen = ports.choose(home, {})
    assert ports.load(home) == chosen
    assert ports.choose(home, {}) == chosen


def test_a_forced_port_is_used(home: Home, taken: int) -> None:
    free = taken - 1 if ports.is_free(taken - 1) else taken + 1
    assert ports.choose(home, {"AIRSCALE_PORT": str(free)}) == Ports(free)


def test_a_forced_port_that_is_taken_is_refused(home: Home, taken: int) -> None:
    with pytest.raises(StackError, match=f"Port {taken}.*in use"):
        ports.choose(home, {"AIRSCALE_PORT": str(taken)}, patience=0)


@pytest.mark.parametrize("text", ["", "0", "65536", "http", "-1", "8080.5"])
def test_what_is_no_port_is_refused_or_ignored_when_empty(home: Home, text: str) -> None:
    if not text:
        assert ports.choose(home, {"AIRSCALE_PORT": text}).api
        return
    with pytest.raises(StackError, match="not a port"):
        ports.choose(home, {"AIRSCALE_PORT": text})


def test_a_remembered_port_that_somebody_took_is_replaced(home: Home, taken: int) -> None:
    home.ports.write_text(f'{{"api": {taken}}}')
    assert ports.choose(home, {}, patience=0).api != taken


def test_a_damaged_memory_of_ports_is_as_good_as_none(home: Home) -> None:
    home.ports.write_text("[]")
    assert ports.load(home) is None


def test_a_remembered_port_is_waited_for_while_its_former_server_ends(home: Home) -> None:
    with socket.socket() as former:
        former.bind((HOST, 0))
        former.listen()
        port = former.getsockname()[1]
        home.ports.write_text(f'{{"api": {port}}}')
        end = threading.Timer(0.2, former.close)
        end.start()
        assert ports.choose(home, {}) == Ports(port)
        end.join()
