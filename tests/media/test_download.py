"""What was uploaded comes back, whole or in part, to those with an account, and harmlessly."""

from __future__ import annotations

from typing import Any

import pytest

from tests.media.carrier import MEDIA, Carrier, files_in, upload
from tests.media.pictures import picture, size_of
from tests.world import Answer, World

CONTENT = bytes(range(256)) * 4


async def fetch(
    world: World, content: bytes = CONTENT, *, method: str = "GET", **headers: str
) -> Answer:
    ann = await world.person("ann")
    path = await upload(ann, content)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    whole = f"{MEDIA}/download/{path}"
    return await world.request(method, whole, token=ann.token, headers=sent)


async def test_anybody_with_an_account_and_the_address_gets_it(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    path = await upload(ann, CONTENT, "application/octet-stream")
    answer = await ben.get(f"{MEDIA}/download/{path}")
    assert answer.status == 200
    assert answer.raw == CONTENT
    assert answer.headers["content-length"] == "1024"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"


async def test_it_can_do_no_harm_in_a_browser(world: World) -> None:
    headers = (await fetch(world)).headers
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'; script-src")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cache-control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("kind", "disposition"),
    [
        ("image/png", "inline"),
        ("TEXT/Plain; charset=utf-8", "inline"),
        ("audio/ogg", "inline"),
        ("text/html", "attachment"),
        ("image/svg+xml", "attachment"),
        ("application/pdf", "attachment"),
        ("application/octet-stream", "attachment"),
        ("image/pngx", "attachment"),
    ],
)
async def test_only_what_is_safe_is_shown_in_place(
    world: World, kind: str, disposition: str
) -> None:
    ann = await world.person("ann")
    path = await upload(ann, b"x", kind)
    headers = (await ann.get(f"{MEDIA}/download/{path}")).headers
    assert (headers["content-type"], headers["content-disposition"]) == (kind, disposition)


@pytest.mark.parametrize("kind", ["", "png", "image/", "image/png\r\nx: y", "a/b" * 100, "a/é"])
async def test_what_is_no_type_is_of_no_known_type(world: World, kind: str) -> None:
    ann = await world.person("ann")
    path = await upload(ann, b"x", kind)
    headers = (await ann.get(f"{MEDIA}/download/{path}")).headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"] == "attachment"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("War and Peace.pdf", 'inline; filename="War and Peace.pdf"'),
        ("über.png", "inline; filename*=UTF-8''%C3%BCber.png"),
        ('a"b;c\\.png', "inline; filename*=UTF-8''a%22b%3Bc%5C.png"),
        ("../../etc/passwd", "inline; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd"),
        ("100%.png", "inline; filename*=UTF-8''100%25.png"),
    ],
)
async def test_the_name_comes_back_as_it_was_given(world: World, name: str, told: str) -> None:
    ann = await world.person("ann")
    path = await upload(ann, b"x", filename=name)
    answer = await ann.get(f"{MEDIA}/download/{path}")
    assert answer.headers["content-disposition"] == told


async def test_another_name_can_be_asked_for_in_the_path(world: World) -> None:
    ann = await world.person("ann")
    path = await upload(ann, b"x", filename="first.png")
    answer = await ann.get(f"{MEDIA}/download/{path}/second.png")
    assert answer.headers["content-disposition"] == 'inline; filename="second.png"'
    split = await ann.get(f"{MEDIA}/download/{path}/a%0D%0Ab")
    assert split.refusal == (400, "M_INVALID_PARAM")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-5000", 0, 1023),
        ("bytes=1000-5000", 1000, 1023),
        ("bytes=1023-1023", 1023, 1023),
    ],
)
async def test_a_range_is_answered_with_just_that(
    world: World, asked: str, first: int, last: int
) -> None:
    answer = await fetch(world, range=asked)
    assert answer.status == 206
    assert answer.raw == CONTENT[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/1024"
    assert answer.headers["content-length"] == str(last + 1 - first)


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5", "bytes 0-1"]
)
async def test_a_range_that_cannot_be_read_is_answered_with_all(world: World, asked: str) -> None:
    answer = await fetch(world, range=asked)
    assert (answer.status, answer.raw) == (200, CONTENT)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
async def test_a_range_beyond_the_end_is_refused(world: World, asked: str) -> None:
    answer = await fetch(world, range=asked)
    assert answer.refusal == (416, "M_INVALID_PARAM")
    assert answer.headers["content-range"] == "bytes */1024"


async def test_a_range_of_another_copy_is_answered_with_all(world: World) -> None:
    etag = (await fetch(world)).headers["etag"]
    ben = await world.person("ben")
    path = await upload(ben, CONTENT)

    async def range_if(copy: str) -> int:
        headers = {"range": "bytes=0-9", "if-range": copy}
        whole = f"{MEDIA}/download/{path}"
        answer = await world.request("GET", whole, token=ben.token, headers=headers)
        return answer.status

    assert await range_if(etag) == 206
    assert await range_if('"another"') == 200


async def test_who_has_it_already_gets_it_not_again(world: World) -> None:
    ann = await world.person("ann")
    path = f"{MEDIA}/download/{await upload(ann, CONTENT)}"
    etag = (await ann.get(path)).headers["etag"]
    for named in (etag, f'"other", W/{etag}', "*"):
        headers = {"if-none-match": named}
        answer = await world.request("GET", path, token=ann.token, headers=headers)
        assert (answer.status, answer.raw, answer.headers["etag"]) == (304, b"", etag)
        assert "content-length" not in answer.headers
    headers = {"if-none-match": '"other"'}
    assert (await world.request("GET", path, token=ann.token, headers=headers)).status == 200


async def test_a_head_tells_what_a_get_would(world: World) -> None:
    answer = await fetch(world, method="HEAD")
    assert (answer.status, answer.raw) == (200, b"")
    assert answer.headers["content-length"] == "1024"
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "path",
    [
        "privity.test/nothing",
        "privity.test/..%2F..%2Fprivity.db",
        "elsewhere.test/{id}",
        "privity.test:8448/{id}",
        "127.0.0.1/{id}",
    ],
)
async def test_what_is_not_here_is_not_found(world: World, path: str) -> None:
    ann = await world.person("ann")
    media_id = (await upload(ann, b"x")).partition("/")[2]
    answer = await ann.get(f"{MEDIA}/download/{path.format(id=media_id)}")
    assert answer.refusal == (404, "M_NOT_FOUND")


@pytest.mark.parametrize("road", ["download", "thumbnail"])
async def test_without_an_account_there_is_no_media(world: World, road: str) -> None:
    ann = await world.person("ann")
    path = await upload(ann, b"x")
    query: dict[str, Any] = {"width": 32, "height": 32}
    bare = await world.request("GET", f"{MEDIA}/{road}/{path}", query=query)
    assert bare.refusal == (401, "M_MISSING_TOKEN")
    for version in ("v3", "r0"):
        old = await world.request("GET", f"/_matrix/media/{version}/{road}/{path}", query=query)
        assert old.refusal == (404, "M_NOT_FOUND")


@pytest.mark.parametrize("version", ["v3", "r0"])
async def test_old_clients_that_send_their_token_get_media_on_the_old_roads(
    world: World, version: str
) -> None:
    ann = await world.person("ann")
    old = f"/_matrix/media/{version}"
    path = await upload(ann, b"x", filename="a.png")
    answer = await ann.get(f"{old}/download/{path}")
    assert (answer.status, answer.raw) == (200, b"x")
    named = await ann.get(f"{old}/download/{path}/b.png")
    assert named.headers["content-disposition"] == 'inline; filename="b.png"'
    picture_path = await upload(ann, picture("PNG", (99, 99)))
    small = await ann.get(f"{old}/thumbnail/{picture_path}", width=32, height=32)
    assert size_of(small.raw) == (32, 32)
    ann.token = "false"
    assert (await ann.get(f"{old}/download/{path}")).refusal == (401, "M_UNKNOWN_TOKEN")


async def test_ciphertext_has_no_thumbnail(world: World) -> None:
    ann = await world.person("ann")
    path = f"{MEDIA}/thumbnail/{await upload(ann, b'x')}"
    assert (await ann.get(path, width=32, height=32)).refusal == (400, "M_UNKNOWN")
    assert (await ann.get(path, width=0, height=32)).refusal == (400, "M_INVALID_PARAM")
    assert (await ann.get(path, width=32, height="x")).refusal == (400, "M_INVALID_PARAM")
    assert (await ann.get(path, width=32)).refusal == (400, "M_MISSING_PARAM")
    query = {"width": 32, "height": 32, "method": "stretch"}
    assert (await ann.get(path, **query)).refusal == (400, "M_INVALID_PARAM")
    missing = await ann.get(f"{MEDIA}/thumbnail/privity.test/none", width=32, height=32)
    assert missing.refusal == (404, "M_NOT_FOUND")


async def test_a_large_file_is_read_part_by_part(world: World) -> None:
    ann = await world.person("ann")
    content = bytes(1_000_003)
    carrier = Carrier()
    await carrier.carry(ann, "GET", f"{MEDIA}/download/{await upload(ann, content)}")
    parts = [message["body"] for message in carrier.told[1:]]
    assert b"".join(parts) == content
    assert max(map(len, parts)) <= 256 * 1024


async def test_a_client_that_goes_away_is_not_read_to(world: World) -> None:
    ann = await world.person("ann")
    carrier = Carrier(patience=2)
    await carrier.carry(ann, "GET", f"{MEDIA}/download/{await upload(ann, bytes(10_000_000))}")
    assert len(carrier.told) < 6


async def test_a_file_that_is_lost_is_a_fault_that_is_said(world: World) -> None:
    ann = await world.person("ann")
    path = await upload(ann, b"x")
    files_in(world)[0].unlink()
    answer = await ann.get(f"{MEDIA}/download/{path}")
    assert answer.refusal == (503, "M_UNKNOWN")
