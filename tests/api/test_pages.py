"""The browser client's files, as the server hands them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from privity.api import pages
from privity.api.door import Door
from privity.api.router import Router
from privity.follow.followers import follow
from tests.world import World

Json = dict[str, Any]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A build of three files, one of them compressed."""
    folder = tmp_path / "pages"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>", "utf-8")
    (folder / "assets" / "index-B2PvTnPg.js").write_text("1;", "utf-8")
    (folder / "assets" / "index-B2PvTnPg.js.br").write_bytes(b"compressed")
    (folder / "mark.svg").write_text("<svg/>", "utf-8")
    (tmp_path / "secret.txt").write_text("nobody's", "utf-8")
    return folder


async def fetch(folder: Path, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """What the server answers: status, header fields, body."""
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": fields}
    said: list[Json] = []

    async def receive() -> Json:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        said.append(dict(message))

    async with World() as world:
        door = Door(world.house, follow(world.house), Router(pages.routes(folder)))
        await door(scope, receive, send)
    told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], told, said[1]["body"]


async def test_a_page_may_run_this_servers_scripts_alone(built: Path) -> None:
    for path in ("/", "/assets/index-B2PvTnPg.js", "/mark.svg"):
        status, headers, _ = await fetch(built, path)
        policy = headers["content-security-policy"]
        assert status == 200
        assert "script-src 'self' 'wasm-unsafe-eval';" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "unsafe-eval'" not in policy.replace("wasm-unsafe-eval", "")
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-embedder-policy"] == "require-corp"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"


async def test_what_has_its_hash_in_its_name_is_kept_and_the_page_is_asked_for(
    built: Path,
) -> None:
    _, page, _ = await fetch(built, "/")
    _, script, _ = await fetch(built, "/assets/index-B2PvTnPg.js")
    assert page["cache-control"] == "no-cache"
    assert "immutable" in script["cache-control"]
    status, _, body = await fetch(built, "/", **{"if-none-match": page["etag"]})
    assert (status, body) == (304, b"")


async def test_a_file_goes_compressed_to_who_takes_it(built: Path) -> None:
    path = "/assets/index-B2PvTnPg.js"
    _, headers, body = await fetch(built, path, **{"accept-encoding": "gzip, br"})
    assert (headers["content-encoding"], body) == ("br", b"compressed")
    _, headers, body = await fetch(built, path, **{"accept-encoding": "gzip"})
    assert "content-encoding" not in headers
    assert body == b"1;"
    assert headers["content-type"] == "text/javascript; charset=utf-8"


def test_nothing_outside_of_the_build_has_an_address(built: Path) -> None:
    router = Router(pages.routes(built))
    for path in ("/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/index.html"):
        assert router.find("GET", path) is False
    assert router.find("GET", "/assets/index-B2PvTnPg.js.br") is False


async def test_a_server_without_the_client_says_so(tmp_path: Path) -> None:
    status, headers, body = await fetch(tmp_path, "/")
    assert status == 200
    assert headers["content-type"] == "text/plain"
    assert b"not built" in body
