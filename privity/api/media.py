"""Media: upload and download, streamed both ways (client-server API, "Content repository").

Threat removed by the headers of a download: a file that a browser would run as a page of ours. It
is shown in place only if its type is one of those that cannot do anything, its type is never
guessed, and whatever it is runs in a sandbox with no rights.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from privity.api import ranges
from privity.api.http import CORS_HEADERS, JSON_HEADERS, Request, Response, json
from privity.matrix.errors import Errcode, invalid_param
from privity.media import download
from privity.media.create import create
from privity.media.thumbnail import thumbnail
from privity.media.upload import Offer, upload, upload_awaited
from privity.store.media import Media
from privity.store.thumbnails import Shape

Headers = tuple[tuple[bytes, bytes], ...]

LONGEST_TYPE = 255
LONGEST_NAME_BYTES = 255
DEFAULT_WAIT_MS = 20_000
UNKNOWN_TYPE = "application/octet-stream"
METHODS = ("crop", "scale")
SHOWN_IN_PLACE = frozenset(
    {
        "text/css",
        "text/plain",
        "text/csv",
        "application/json",
        "application/ld+json",
        "image/jpeg",
        "image/gif",
        "image/png",
        "image/apng",
        "image/webp",
        "image/avif",
        "video/mp4",
        "video/webm",
        "video/ogg",
        "video/quicktime",
        "audio/mp4",
        "audio/webm",
        "audio/aac",
        "audio/mpeg",
        "audio/ogg",
        "audio/wave",
        "audio/wav",
        "audio/x-wav",
        "audio/x-pn-wav",
        "audio/flac",
        "audio/x-flac",
    }
)
SANDBOX = (
    b"sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf;"
    b" style-src 'unsafe-inline'; object-src 'self';"
)
SAFE_HEADERS: Headers = (
    *CORS_HEADERS,
    (b"accept-ranges", b"bytes"),
    (b"cache-control", b"private, max-age=31536000, immutable"),
    (b"content-security-policy", SANDBOX),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

_TYPE = re.compile(r"[!#$%&'*+.^_`|~\w-]+/[!#$%&'*+.^_`|~\w-]+(?:[ \t]*;[ -~\t]*)?", re.ASCII)
_PLAIN_NAME = re.compile(r"[\w .,()+=@-]+", re.ASCII)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


async def post_upload(request: Request) -> Response:
    """`POST /_matrix/media/v3/upload`."""
    house, user_id = request.house, request.session.user_id
    return json({"content_uri": await upload(house, user_id, _offer(request), request.parts())})


async def post_create(request: Request) -> Response:
    """`POST /_matrix/media/v1/create`."""
    address, expires_ts = await create(request.house, request.session.user_id)
    return json({"content_uri": address, "unused_expires_at": expires_ts})


async def put_upload(request: Request) -> Response:
    """`PUT /_matrix/media/v3/upload/{serverName}/{mediaId}`."""
    house, user_id, params = request.house, request.session.user_id, request.params
    mxc = params["serverName"], params["mediaId"]
    await upload_awaited(house, user_id, mxc, _offer(request), request.parts())
    return json({})


async def get_config(request: Request) -> Response:
    """`GET /_matrix/client/v1/media/config`, and `/_matrix/media/v3/config`."""
    return json({"m.upload.size": request.house.config.max_upload_bytes})


async def get_download(request: Request) -> Response:
    """`GET /_matrix/client/v1/media/download/{serverName}/{mediaId}[/{fileName}]`."""
    found = await _find(request)
    return await _serve(request, found, _file_name(request.params.get("fileName")))


async def _serve(request: Request, found: Media, name: str | None = None) -> Response:
    """The bytes, whole or in part, or the word that they are known already."""
    name = name or found.file_name
    etag = b'"%s"' % found.digest[:32].encode()
    headers: Headers = (*SAFE_HEADERS, (b"etag", etag))
    if ranges.has_it_already(request.headers, etag):
        return Response(b"", 304, headers)
    try:
        asked = ranges.range_asked(request.headers, found.size_bytes, etag)
    except ranges.NoSuchRange:
        return _no_such_range(found)
    first, beyond = asked or (0, found.size_bytes)
    headers = (
        *headers,
        (b"content-type", found.content_type.encode()),
        (b"content-disposition", _disposition(found.content_type, name)),
    )
    if asked is not None:
        headers = (*headers, _content_range(b"%d-%d" % (first, beyond - 1), found))
    chunks = None
    if request.method != "HEAD":
        chunks = await download.read(request.house, found, first, beyond)
    return Response(b"", 206 if asked else 200, headers, chunks, beyond - first)


async def get_thumbnail(request: Request) -> Response:
    """`GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}`.

    Most media here is ciphertext, and what cannot be read cannot be made smaller: 400 M_UNKNOWN.
    """
    for name in ("width", "height"):
        request.query_required(name)
    method = request.query("method", "scale")
    if method not in METHODS:
        message = "'method' is crop or scale."
        raise invalid_param(message)
    width, height = (request.query_int(name, 1, least=1) for name in ("width", "height"))
    shape = Shape(width, height, method, request.query_bool("animated"))
    return await _serve(request, await thumbnail(request.house, await _find(request), shape))


async def get_old_download(request: Request) -> Response:
    """`GET /_matrix/media/v3/download/{serverName}/{mediaId}[/{fileName}]`, deprecated.

    Frozen with specification 1.12: without a token all media is 404, whatever `unsafe_` keys are
    set. For old clients that send one it is the road of today by another name.
    """
    return await get_download(request)


async def get_old_thumbnail(request: Request) -> Response:
    """`GET /_matrix/media/v3/thumbnail/{serverName}/{mediaId}`: as `get_old_download`."""
    return await get_thumbnail(request)


async def _find(request: Request) -> Media:
    house, user_id, params = request.house, request.session.user_id, request.params
    timeout_ms = request.query_int("timeout_ms", DEFAULT_WAIT_MS)
    return await download.find(house, user_id, params["serverName"], params["mediaId"], timeout_ms)


def _offer(request: Request) -> Offer:
    length = request.headers.get(b"content-length", b"")
    return Offer(
        int(length) if length.isdigit() else None,
        _content_type(request.headers.get(b"content-type", b"")),
        _file_name(request.query("filename")),
    )


def _content_type(raw: bytes) -> str:
    """The type as it was given; what cannot be a type is of no known one."""
    given = raw.decode("latin-1").strip()
    return given if len(given) <= LONGEST_TYPE and _TYPE.fullmatch(given) else UNKNOWN_TYPE


def _file_name(raw: str | None) -> str | None:
    if not raw:
        return None
    if len(raw.encode()) > LONGEST_NAME_BYTES or _UNSEEN.search(raw):
        message = f"A file name has at most {LONGEST_NAME_BYTES} bytes, each of them to be seen."
        raise invalid_param(message)
    return raw


def _disposition(content_type: str, name: str | None) -> bytes:
    """`Content-Disposition` (RFC 6266, with the encoding of RFC 8187 where a name needs it)."""
    bare_type = content_type.partition(";")[0].strip().lower()
    kind = "inline" if bare_type in SHOWN_IN_PLACE else "attachment"
    if name is None:
        return kind.encode()
    if _PLAIN_NAME.fullmatch(name):
        return f'{kind}; filename="{name}"'.encode()
    return f"{kind}; filename*=UTF-8''{quote(name, safe='')}".encode()


def _content_range(which: bytes, found: Media) -> tuple[bytes, bytes]:
    return b"content-range", b"bytes %s/%d" % (which, found.size_bytes)


def _no_such_range(found: Media) -> Response:
    body = {"errcode": Errcode.INVALID_PARAM, "error": "The file ends before this range."}
    refusal = json(body, 416)
    return Response(refusal.body, 416, (*JSON_HEADERS, _content_range(b"*", found)))
