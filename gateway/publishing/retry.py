"""When to try again: growing delays with jitter, as pure functions of the attempt number and a random source."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from gateway.domain.errors import WrongSetting


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a message is tried and how long it waits in between (PUB-08).

    With the defaults a message is tried 12 times over about two hours before it goes to the hospital.

    Attributes:
        max_attempts: attempts that may fail before a person is asked.
        first_delay_seconds: wait after the first failed attempt.
        growth: factor from one wait to the next.
        max_delay_seconds: no wait is longer.
        jitter: 0–1, the part of a wait that is left to chance, so that messages that failed together do not come
            back together.
    Raises:
        WrongSetting: a value makes no sense.
    """

    max_attempts: int = 12
    first_delay_seconds: float = 5.0
    growth: float = 2.0
    max_delay_seconds: float = 1800.0
    jitter: float = 0.2

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise WrongSetting(f"max_attempts is {self.max_attempts}; at least 1 is needed")
        if not 0 < self.first_delay_seconds <= self.max_delay_seconds:
            raise WrongSetting(
                f"first_delay_seconds is {self.first_delay_seconds}; it must be > 0 and at most "
                f"max_delay_seconds, which is {self.max_delay_seconds}"
            )
        if self.growth < 1 or not 0 <= self.jitter <= 1:
            raise WrongSetting(f"growth is {self.growth} and must be >= 1; jitter is {self.jitter} and must be 0 to 1")

    def delay_seconds(self, attempt: int, random: Random) -> float:
        """Return how long to wait after failed attempt number *attempt*, counted from 1.

        The result lies between (1 − jitter) and 1 times the grown delay: never above the cap, never zero unless the
        jitter is 1.
        """
        return self._grown_seconds(attempt) * (1 - self.jitter * random.random())

    def least_delay_seconds(self, attempt: int) -> float:
        """Return the least that `delay_seconds` can be for *attempt*."""
        return self._grown_seconds(attempt) * (1 - self.jitter)

    def _grown_seconds(self, attempt: int) -> float:
        # The exponent is bounded because a float overflows long before the attempts of a long outage end.
        return min(self.first_delay_seconds * self.growth ** min(attempt - 1, 64), self.max_delay_seconds)


PROBE_POLICY = RetryPolicy(max_attempts=1, first_delay_seconds=5.0, growth=2.0, max_delay_seconds=300.0)
"""Waits between probes of a suspended destination (PUB-08, outcome *contract*)."""
