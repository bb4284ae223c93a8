"""Signature Version 4 of Amazon's, for S3: who asks, and that nothing was changed on the way.

Each request is signed with its method, path, query and headers, and with the SHA-256 of what it
carries, by a key that is good for one day, one region and one service. The secret itself is never
sent. "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

METHOD = "AWS4-HMAC-SHA256"
UNRESERVED = "-_.~"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are to a store, and in which of its regions."""

    key_id: str
    secret: str = field(repr=False)
    region: str = "us-east-1"


def encoded_path(path: str) -> str:
    """A path as it is sent and signed."""
    return quote(path, safe="/" + UNRESERVED)


def encoded_query(query: Mapping[str, str]) -> str:
    """A query string as it is sent and signed."""
    names = sorted(query)
    return "&".join(f"{_encoded(name)}={_encoded(query[name])}" for name in names)


def signed(
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    credentials: Credentials,
    now: datetime,
) -> dict[str, str]:
    """The headers with `x-amz-date` and `authorization` added. `now` is in UTC.

    They are given with names in small letters, `host` and `x-amz-content-sha256` among them; all
    of them are signed.
    """
    at = now.strftime("%Y%m%dT%H%M%SZ")
    headers = {**headers, "x-amz-date": at}
    names = sorted(headers)
    signed_names = ";".join(names)
    canonical = "\n".join(
        (
            method,
            encoded_path(path),
            encoded_query(query),
            *(f"{name}:{headers[name].strip()}" for name in names),
            "",
            signed_names,
            headers["x-amz-content-sha256"],
        )
    )
    scope = f"{at[:8]}/{credentials.region}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{METHOD}\n{at}\n{scope}\n{digest}"
    signature = hmac.new(_day_key(credentials, at[:8]), to_sign.encode(), hashlib.sha256)
    told = f"Credential={credentials.key_id}/{scope},SignedHeaders={signed_names}"
    authorization = f"{METHOD} {told},Signature={signature.hexdigest()}"
    return {**headers, "authorization": authorization}


def _day_key(credentials: Credentials, day: str) -> bytes:
    key = b"AWS4" + credentials.secret.encode()
    for word in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    return key


def _encoded(text: str) -> str:
    return quote(text, safe=UNRESERVED)
