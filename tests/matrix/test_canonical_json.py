"""Canonical JSON and strict reading. Vectors: appendices, "Canonical JSON"."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privity.matrix.canonical_json import (
    BadJson,
    NotJson,
    check_event_json,
    decode_strict,
    encode,
    encode_to_keep,
)

integers = st.integers(-(2**53) + 1, 2**53 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]))
event_values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)

VECTORS = [
    ("{}", "{}"),
    ('{"one": 1, "two": "Two"}', '{"one":1,"two":"Two"}'),
    ('{"b": "2", "a": "1"}', '{"a":"1","b":"2"}'),
    ('{"b":"2","a":"1"}', '{"a":"1","b":"2"}'),
    (
        """{"auth": {"success": true, "mxid": "@john.doe:example.com", "profile": {
        "display_name": "John Doe", "three_pids": [{"medium": "email", "address":
        "john.doe@example.org"}, {"medium": "msisdn", "address": "123456789"}]}}}""",
        """{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[{"address":"john.doe@example.org","medium":"email"},{"address":"123456789","medium":"msisdn"}]},"success":true}}""",  # noqa: E501 - as the specification has it
    ),
    ('{"a": "日本語"}', '{"a":"日本語"}'),
    ('{"本": 2, "日": 1}', '{"日":1,"本":2}'),
    ('{"a": "\\u65E5"}', '{"a":"日"}'),
    ('{"a": null}', '{"a":null}'),
    ('{"a": -0}', '{"a":0}'),
]


@pytest.mark.parametrize(("written", "canonical"), VECTORS)
def test_the_vectors_of_the_specification_come_out_as_it_says(written: str, canonical: str) -> None:
    assert encode(decode_strict(written.encode())) == canonical.encode()


def test_the_vector_with_an_exponent_is_refused_since_no_event_may_hold_a_float() -> None:
    # The specification's last vector turns 1e10 into an integer; servers in use refuse it.
    with pytest.raises(BadJson):
        check_event_json(decode_strict(b'{"a": -0, "b": 1e10}'))


@given(event_values)
def test_encoding_is_what_the_specification_s_own_python_does(value: object) -> None:
    reference = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert encode(value) == reference.encode()


@given(event_values)
def test_what_was_encoded_decodes_to_the_same(value: object) -> None:
    assert decode_strict(encode(value)) == value


@given(event_values)
def test_every_event_value_passes_as_one(value: object) -> None:
    check_event_json(value)


def test_keys_sort_by_code_point_and_not_by_utf_16() -> None:
    assert encode({"\U0001f600": 1, "\uffff": 2}) == '{"\uffff":2,"\U0001f600":1}'.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53), 2**70, "\ud800", {1: 2}, b"x"])
def test_what_canonical_json_cannot_hold_is_not_encoded(value: object) -> None:
    with pytest.raises(BadJson):
        encode({"key": value})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nul",
        b"{'a':1}",
        b'{"a":1,}',
        b"[01]",
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b"9" * 5000,
        b'{"a":1}{}',
        b"\xef\xbb\xbf{}",
        b'["\xff"]',
        b'["\xed\xa0\x80"]',
        rb'["\ud800"]',
        rb'["\udc00\ud800"]',
        b'["\x01"]',
        b"{1:2}",
    ],
)
def test_what_is_no_json_is_not_json(body: bytes) -> None:
    with pytest.raises(NotJson):
        decode_strict(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{ "a" : 1, "b" : 2, "a" : 3 }',
        rb'{"a":1,"\u0061":2}',
        b'{"x":[{"y":{"z":1,"z":1}}]}',
        b'[{"a":1,"a":2}]',
        b'{"":0,"":0}',
        b'{"n":' + b"9" * 300 + b',"a":1,"a":2}',
    ],
)
def test_a_key_that_stands_twice_is_found(body: bytes) -> None:
    with pytest.raises(BadJson):
        decode_strict(body)


@given(st.dictionaries(texts, event_values, min_size=1, max_size=4), st.data())
def test_a_duplicate_key_is_found_wherever_it_is(
    value: dict[str, Any], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(value)))
    ascii_only = data.draw(st.booleans())
    members = [
        f"{json.dumps(k, ensure_ascii=ascii_only)}:{encode(v).decode()}" for k, v in value.items()
    ]
    members.insert(data.draw(st.integers(0, len(members))), f"{json.dumps(key)}:null")
    body = '{"outer":[{' + ",".join(members) + "}]}"
    with pytest.raises(BadJson):
        decode_strict(body.encode())


@given(event_values, st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")]), st.booleans())
def test_white_space_and_escapes_change_nothing(
    value: object, separators: tuple[str, str], ascii_only: bool
) -> None:
    body = json.dumps(value, separators=separators, ensure_ascii=ascii_only)
    assert decode_strict(body.encode()) == value


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("closing_needed", [True, False])
def test_deep_nesting_is_bad_and_never_exhausts_the_reader(
    opening: bytes, closing_needed: bool
) -> None:
    closing = b"]" if opening == b"[" else b"}"
    for depth in (101, 254, 255, 500, 1024, 1025, 100_000):
        body = opening * depth + b"0" + closing * depth * closing_needed
        with pytest.raises((BadJson, NotJson) if not closing_needed else BadJson):
            decode_strict(body)


def test_a_hundred_levels_are_not_too_deep() -> None:
    body = b"[" * 100 + b"]" * 100
    check_event_json(decode_strict(body))
    with pytest.raises(BadJson):
        check_event_json(decode_strict(b"[" + body + b"]", max_depth=200))


def test_many_brackets_side_by_side_or_in_a_text_are_not_deep() -> None:
    assert decode_strict(b"[" + b",".join([b"[]"] * 500) + b"]") == [[]] * 500
    assert decode_strict(b'"' + b"[" * 500 + b'"') == "[" * 500


@pytest.mark.parametrize(
    "number", ["1.0", "1e3", "-0.0", "0.5", "9007199254740992", "-9007199254740992", "1" * 300]
)
@pytest.mark.parametrize("place", ["%s", "[%s]", '{"a":%s}', '{"a":[{"b":[0,%s]}]}'])
def test_a_float_or_a_great_integer_is_found_wherever_it_is(number: str, place: str) -> None:
    value = decode_strict((place % number).encode())
    with pytest.raises(BadJson):
        check_event_json(value)


@given(event_values, st.floats())
def test_a_float_is_always_found(value: object, number: float) -> None:
    with pytest.raises(BadJson):
        check_event_json({"x": [value, {"y": number}]})


def test_the_greatest_integers_and_booleans_may_stand_in_an_event() -> None:
    check_event_json({"a": 2**53 - 1, "b": -(2**53) + 1, "c": True, "d": [False, None, 0]})


def test_what_is_kept_takes_no_more_memory_than_its_length() -> None:
    value = {"a": "x" * 100}
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = [encode_to_keep(value) for _ in range(100)]
    taken = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    tracemalloc.stop()
    assert kept[0] == encode(value)
    assert taken < 2 * len(kept[0]) + 100
