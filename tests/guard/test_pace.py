"""Threat `pace`: a bucket gives what it has, and says when there is more."""

from __future__ import annotations

from privity.guard.pace import Bucket, Pace, take
from privity.matrix.errors import Errcode, Refuse

PACE = Pace(burst=3, per_second=0.5)


def drain(now_ms: int) -> Bucket:
    """A bucket of which everything was taken at once."""
    bucket = None
    for _ in range(PACE.burst):
        taken = take(bucket, PACE, now_ms)
        assert isinstance(taken, Bucket)
        bucket = taken
    assert bucket is not None
    return bucket


def test_a_burst_passes_at_once() -> None:
    assert drain(1_000).tokens == 0


def test_an_empty_bucket_says_when_to_come_back() -> None:
    verdict = take(drain(1_000), PACE, 1_000)
    assert isinstance(verdict, Refuse)
    assert verdict.errcode is Errcode.LIMIT_EXCEEDED
    assert verdict.status == 429
    assert verdict.more["retry_after_ms"] == 2_001


def test_who_comes_back_then_is_served() -> None:
    assert isinstance(take(drain(1_000), PACE, 3_001), Bucket)


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    rested = take(drain(1_000), PACE, 10_000_000)
    assert isinstance(rested, Bucket)
    assert rested.tokens == PACE.burst - 1


def test_a_clock_that_steps_back_gives_nothing() -> None:
    assert isinstance(take(drain(10_000), PACE, 1_000), Refuse)
