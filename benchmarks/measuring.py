"""Take requests in turn, round after round, so that a slow moment of the machine meets all."""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.client import Client
from benchmarks.requests import ListRequest

_SLOW_MS: Final = 1000.0
_LEAST_ROUNDS: Final = 3
_LEAST_PATIENCE: Final = 5


@dataclass(slots=True)
class Measured:
    """What a request took, in milliseconds, in the order of the rounds."""

    request: ListRequest
    count: int | None = None
    taken: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The time that half of the requests stayed under."""
        return statistics.median(self.taken)

    @property
    def p95(self) -> float:
        """The time that 19 of 20 requests stayed under, by nearest rank."""
        return sorted(self.taken)[max(-(-len(self.taken) * 95 // 100) - 1, 0)]


def measure(
    client: Client, requests: Sequence[ListRequest], rounds: int, patience: float, warmups: int = 2
) -> list[Measured]:
    """Measure each request once a round.

    Parameters
    ----------
    patience
        Seconds that one request may take in all; one that has used them up is left out of the
        rounds that follow. In the first three rounds it has five times as long.
    warmups
        Requests of each that are not counted; of one that takes over a second, the first.
    """
    found = [Measured(each) for each in requests]
    for each in found:
        answer = client.get(each.request.target)
        for _ in range(warmups - 1 if answer.milliseconds < _SLOW_MS else 0):
            answer = client.get(each.request.target)
        document = answer.document()
        each.count = document.get("count", document.get("total_entries"))
    for number in range(rounds):
        for each in found:
            allowed = patience * (_LEAST_PATIENCE if number < _LEAST_ROUNDS else 1)
            if sum(each.taken) < allowed * 1000:
                each.taken.append(client.get(each.request.target).milliseconds)
    return found


@dataclass(frozen=True, slots=True)
class Throughput:
    """How many requests a second were answered, in each stretch of time.

    Parameters
    ----------
    bar
        How many it should be; None for what is only compared with.
    """

    name: str
    clients: int
    bar: float | None
    rates: tuple[float, ...]

    @property
    def median(self) -> float:
        """The rate that half of the stretches reached."""
        return statistics.median(self.rates)


@dataclass(frozen=True, slots=True)
class Load:
    """Several clients at once, which ask as fast as they are answered.

    Parameters
    ----------
    seconds
        How long a stretch is.
    """

    client: Client
    clients: int
    seconds: float
    stretches: int

    def throughput(
        self, name: str, ask: Callable[[Client], object], bar: float | None
    ) -> Throughput:
        """Measure how often a second something can be asked."""
        rates = (
            _stretch(self.client, ask, self.clients, self.seconds) for _ in range(self.stretches)
        )
        return Throughput(name, self.clients, bar, tuple(rates))


def _stretch(
    client: Client, ask: Callable[[Client], object], clients: int, seconds: float
) -> float:
    answered = [0] * clients
    failures: list[BaseException] = []
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        own = client.another()
        try:
            while time.monotonic() < end:
                ask(own)
                answered[number] += 1
        except (OSError, RuntimeError) as error:
            failures.append(error)

    started = time.monotonic()
    _at_once(clients, work)
    if failures:
        raise failures[0]
    return sum(answered) / (time.monotonic() - started)


def _at_once(number: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(each,)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
