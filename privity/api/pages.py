"""The browser client: the files of its build, each at its own address.

1. What is served is what was there when the server started, by a route for each file: no path that
   somebody asks for ever reaches the disk.
2. What has its content's hash in its name may be kept for a year; all else is asked for each time,
   and mostly answered with 304.
3. Files were compressed when they were built, never here.
4. Each answer says what a page may do: scripts of this server alone, no inline ones, no frame
   around it, nothing told to others about where one came from (threat `clients`).

Sources: CSP 3, Trusted Types, Fetch ("Cross-Origin-Resource-Policy"), HTML ("Cross-origin opener").
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from privity.api.http import Request, Response
from privity.api.router import Needs, Route

FOLDER = Path(__file__).parent.parent / "pages"
PAGE = "index.html"
ENCODINGS = {b"br": ".br", b"gzip": ".gz"}
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.\w+$")
FOREVER = b"public, max-age=31536000, immutable"
ASK = b"no-cache"
NOT_BUILT = b"Privity is running. Its browser client was not built here: see the README.\n"

MAY = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "media-src": "'self' blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "frame-src": "blob:",
    "form-action": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "privity dompurify",
}
POLICY = "; ".join(f"{what} {where}" for what, where in MAY.items())
Fields = tuple[tuple[bytes, bytes], ...]
HEADERS: Fields = (
    (b"content-security-policy", POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"permissions-policy", b"camera=(self), microphone=(self), display-capture=(self)"),
    (b"vary", b"accept-encoding"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """One file: where it lies in each encoding, its type, and what tells it from its last version.

    `etag` is of the file's content as it is, whatever encoding it is sent in.
    """

    paths: dict[bytes, Path]
    content_type: bytes
    etag: bytes
    is_hashed: bool

    async def get(self, request: Request) -> Response:
        """`GET` of this file."""
        keeps = FOREVER if self.is_hashed else ASK
        headers: Fields = (*HEADERS, (b"etag", self.etag), (b"cache-control", keeps))
        if request.headers.get(b"if-none-match") == self.etag:
            return Response(b"", 304, headers)
        accepted = request.headers.get(b"accept-encoding")
        encoding = next(
            (each for each in ENCODINGS if each in accepted and each in self.paths), b""
        )
        body = await asyncio.to_thread(self.paths[encoding].read_bytes)
        if encoding:
            headers = (*headers, (b"content-encoding", encoding))
        return Response(body, 200, (*headers, (b"content-type", self.content_type)))


async def not_built(_: Request) -> Response:
    """`GET /` of a server without the client."""
    return Response(NOT_BUILT, 200, (*HEADERS, (b"content-type", b"text/plain")))


def routes(folder: Path = FOLDER) -> list[Route]:
    """A route for each file of a build; the page itself is at `/`."""
    if not (folder / PAGE).is_file():
        return [Route("GET", "/", not_built, Needs.NOTHING)]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in ENCODINGS.values():
            name = path.relative_to(folder).as_posix()
            address = "/" if name == PAGE else f"/{name}"
            found.append(Route("GET", address, _page(path).get, Needs.NOTHING))
    return found


def _page(path: Path) -> Page:
    paths = {b"": path}
    for encoding, suffix in ENCODINGS.items():
        compressed = path.with_name(path.name + suffix)
        if compressed.is_file():
            paths[encoding] = compressed
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    kind = {".webmanifest": "application/manifest+json"}.get(path.suffix, kind)
    is_text = kind.startswith("text/") or kind.endswith("javascript")
    content_type = f"{kind}; charset=utf-8" if is_text else kind
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
    return Page(
        paths, content_type.encode(), b'"%s"' % digest.encode(), bool(_HASHED.search(path.name))
    )
