"""Filters that clients keep on the server."""

from __future__ import annotations

from typing import Any

import pytest

from privity.accounts.keep_filter import LARGEST_BYTES
from privity.store.filters import MOST_FILTERS
from tests.world import World


async def test_filters_are_numbered_from_nought_for_each_person(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    first = await ann.post(f"/user/{ann.user_id}/filter", {})
    second = await ann.post(f"/user/{ann.user_id}/filter", {"room": {}})
    of_ben = await ben.post(f"/user/{ben.user_id}/filter", {"room": {}})
    assert [each["filter_id"] for each in (first, second, of_ben)] == ["0", "1", "0"]


async def test_the_same_filter_keeps_its_number(world: World) -> None:
    ann = await world.person("ann")
    path = f"/user/{ann.user_id}/filter"
    first = await ann.post(path, b'{"room":{"timeline":{"limit":5}},"presence":{"types":[]}}')
    again = await ann.post(path, b'{"presence": {"types": []}, "room": {"timeline": {"limit":5}}}')
    assert first["filter_id"] == again["filter_id"]


async def test_a_kept_filter_is_read_back_as_it_was_meant(world: World) -> None:
    ann = await world.person("ann")
    given = {"room": {"timeline": {"types": ["m.room.*"]}}, "org.example.more": {"a": [1.5]}}
    kept = await ann.post(f"/user/{ann.user_id}/filter", given)
    read = await ann.get(f"/user/{ann.user_id}/filter/{kept['filter_id']}")
    assert read.body == given


@pytest.mark.parametrize("number", ["0", "7", "-1", "x", "²", "9" * 30, "1.0"])
async def test_a_filter_that_is_not_there_is_not_found(world: World, number: str) -> None:
    ann = await world.person("ann")
    read = await ann.get(f"/user/{ann.user_id}/filter/{number}")
    assert read.refusal == (404, "M_NOT_FOUND")


async def test_nobody_keeps_or_reads_filters_of_somebody_else(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    await ann.post(f"/user/{ann.user_id}/filter", {})
    kept = await ben.post(f"/user/{ann.user_id}/filter", {})
    read = await ben.get(f"/user/{ann.user_id}/filter/0")
    assert kept.refusal == read.refusal == (403, "M_FORBIDDEN")


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (b"", "M_NOT_JSON"),
        (b"{", "M_NOT_JSON"),
        (b"[]", "M_BAD_JSON"),
        (b'{"room":{},"room":{}}', "M_BAD_JSON"),
        ({"room": {"timeline": {"limit": "5"}}}, "M_BAD_JSON"),
        ({"event_format": "xml"}, "M_BAD_JSON"),
        (b'{"a":9007199254740992}', "M_BAD_JSON"),
    ],
)
async def test_what_is_no_filter_is_not_kept(world: World, body: Any, errcode: str) -> None:
    ann = await world.person("ann")
    assert (await ann.post(f"/user/{ann.user_id}/filter", body)).refusal == (400, errcode)
    assert (await ann.get(f"/user/{ann.user_id}/filter/0")).status == 404


async def test_a_huge_filter_is_not_kept(world: World) -> None:
    ann = await world.person("ann")
    huge = {"event_fields": ["x" * LARGEST_BYTES]}
    kept = await ann.post(f"/user/{ann.user_id}/filter", huge)
    assert kept.refusal == (413, "M_TOO_LARGE")


async def test_filters_are_not_kept_without_end(world: World) -> None:
    ann = await world.person("ann")
    for number in range(MOST_FILTERS):
        world.clock.advance(1000)
        await ann.post(f"/user/{ann.user_id}/filter", {"event_fields": [str(number)]})
    refused = await ann.post(f"/user/{ann.user_id}/filter", {"event_fields": ["one more"]})
    assert refused.refusal == (403, "M_FORBIDDEN")
    known = await ann.post(f"/user/{ann.user_id}/filter", {"event_fields": ["7"]})
    assert known["filter_id"] == "7"


async def test_too_many_new_filters_at_once_are_put_off(world: World) -> None:
    ann = await world.person("ann")
    answers = [
        await ann.post(f"/user/{ann.user_id}/filter", {"event_fields": [str(number)]})
        for number in range(60)
    ]
    assert answers[-1].refusal == (429, "M_LIMIT_EXCEEDED")
    known = await ann.post(f"/user/{ann.user_id}/filter", {"event_fields": ["0"]})
    assert known.status == 200


async def test_a_sync_takes_the_number_of_a_kept_filter(world: World) -> None:
    ann = await world.person("ann")
    await ann.put(f"/user/{ann.user_id}/account_data/org.example.a", {"a": 1})
    await ann.put(f"/user/{ann.user_id}/account_data/org.example.b", {"b": 1})
    only_b = {"account_data": {"types": ["*.b"]}}
    kept = await ann.post(f"/user/{ann.user_id}/filter", only_b)
    synced = await ann.get("/sync", filter=kept["filter_id"])
    assert [each["type"] for each in synced["account_data"]["events"]] == ["org.example.b"]


async def test_a_filter_stands_in_the_sync_itself_or_is_refused(world: World) -> None:
    ann = await world.person("ann")
    nothing = await ann.get("/sync", filter='{"account_data":{"types":[]}}')
    assert nothing.body.get("account_data", {}).get("events", []) == []
    for given, refusal in (
        ("{", (400, "M_NOT_JSON")),
        ('{"room":1}', (400, "M_INVALID_PARAM")),
        ("0", (400, "M_INVALID_PARAM")),
        ('{"event_fields":["' + "x" * 16 * 1024 + '"]}', (413, "M_TOO_LARGE")),
    ):
        assert (await ann.get("/sync", filter=given)).refusal == refusal
