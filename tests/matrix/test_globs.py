"""Globs match what the specification says, and nothing makes them slow."""

from __future__ import annotations

import re
import time

import pytest

from privity.matrix import globs


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("lunc?*", "lunch plans", True),
        ("lunc?*", "LUNCH", True),
        ("lunc?*", " lunch", False),
        ("lunc?*", "lunc", False),
        ("*", "", True),
        ("", "", True),
        ("", "a", False),
        ("a*a", "a", False),
        ("a*b*a", "abba", True),
        ("a*ba*ba", "aba", False),
        ("**b**", "a\nb\nc", True),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
    ],
)
def test_a_glob_matches_the_whole_text(pattern: str, text: str, matches: bool) -> None:
    found = re.fullmatch(globs.whole(pattern), text, re.DOTALL | re.IGNORECASE)
    assert (found is not None) is matches


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("ex*ple", "An example event.", True),
        ("ex*ple", "exple", True),
        ("ex*ple", "An exciting triple-whammy", True),
        ("cake", "cakes", False),
        ("cake", "a cheesecake", False),
        ("cake", "cakes and CAKE!", True),
        ("cake", "l_cake", False),
        ("cake", "ökaké cakeö", True),
        ("cake*lie", "cakes are no lie", True),
        ("cake*lie", "the cakelike lie-in", True),
        ("cake*lie", "lie of a cake", False),
        ("cake*lie", "lie cake lies", False),
        ("*cake", "cheesecake", True),
        ("c?ke", "a coke, please", True),
    ],
)
def test_a_glob_is_found_between_the_bounds_of_words(
    pattern: str,
    text: str,
    matches: bool,
) -> None:
    found = re.search(globs.words(pattern), text, re.DOTALL | re.IGNORECASE)
    assert (found is not None) is matches


def test_only_a_star_is_special_in_a_type() -> None:
    regex = re.compile(globs.any_star("m.room.*"), re.DOTALL)
    assert regex.fullmatch("m.room.message")
    assert not regex.fullmatch("mxroom.message")
    assert not re.fullmatch(globs.any_star("m.?"), "m.x")


def test_a_pattern_of_many_stars_is_answered_at_once() -> None:
    hostile, text = "*a" * 30 + "*b", "a" * 50_000
    began = time.perf_counter()
    assert not re.fullmatch(globs.whole(hostile), text, re.DOTALL)
    assert not re.fullmatch(globs.any_star(hostile), text, re.DOTALL)
    assert not re.search(globs.words(hostile), text, re.DOTALL)
    assert time.perf_counter() - began < 1
