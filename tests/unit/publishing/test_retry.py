"""Delays between attempts (PUB-08)."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import WrongSetting
from gateway.publishing.retry import RetryPolicy


def test_delays_grow_up_to_the_cap():
    policy = RetryPolicy(first_delay_seconds=10, growth=3, max_delay_seconds=100, jitter=0)
    assert [policy.delay_seconds(n, Random()) for n in (1, 2, 3, 4, 5000)] == [10, 30, 90, 100, 100]


@given(attempt=st.integers(1, 10_000), seed=st.integers(), jitter=st.floats(0, 1))
def test_jitter_only_shortens_and_the_same_random_source_gives_the_same_delay(attempt, seed, jitter):
    policy = RetryPolicy(jitter=jitter)
    full = RetryPolicy(jitter=0).delay_seconds(attempt, Random())
    delay = policy.delay_seconds(attempt, Random(seed))
    assert full * (1 - jitter) <= delay <= full <= policy.max_delay_seconds
    assert delay == policy.delay_seconds(attempt, Random(seed))
    assert delay >= policy.least_delay_seconds(attempt)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_attempts": 0},
        {"first_delay_seconds": 0},
        {"first_delay_seconds": 10, "max_delay_seconds": 5},
        {"growth": 0.5},
        {"jitter": 1.5},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(WrongSetting):
        RetryPolicy(**wrong)
