"""What a check can answer: nothing (it has no objection), a refusal, or to wait.

A check that cannot decide raises, so that nothing is admitted: closed is the default.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.matrix.errors import Refuse

__all__ = ["Hold", "Refuse", "Verdict"]


@dataclass(frozen=True, slots=True)
class Hold:
    """Neither yes nor no: the thing is parked until a person decides. `because` goes to the log."""

    because: str


Verdict = Refuse | Hold | None
