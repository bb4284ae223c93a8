"""The proof that a gate let a thing through.

Only `guard/gates.py` mints one and only `store` takes one: a road that skipped its gate does not
type-check, and import-linter refuses the import that would forge it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Admitted(Generic[T_co]):
    """`value` passed every check of its gate."""

    value: T_co
