"""Threat `pace`: abuse by volume, of requests and of media.

Requests: token buckets, as values: time comes in, a new bucket comes out. A bucket holds at most
`burst` tokens and gains `per_second` of them every second; what is asked for takes one. The limits
are for people and their clients, with room for both at their busiest.

Media: one upload has a largest size, and all that an account keeps has another.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.guard.verdict import Verdict
from privity.matrix.errors import Errcode, Refuse
from privity.matrix.ids import UserId


@dataclass(frozen=True, slots=True)
class Pace:
    """A limit: `burst` at once, `per_second` for good."""

    burst: int
    per_second: float


SEND = Pace(burst=200, per_second=20)
INVITE = Pace(burst=50, per_second=0.5)
CREATE_ROOM = Pace(burst=50, per_second=0.5)
LOG_IN_BY_ACCOUNT = Pace(burst=10, per_second=0.1)
LOG_IN_BY_ADDRESS = Pace(burst=50, per_second=1)
REGISTER_BY_ADDRESS = Pace(burst=30, per_second=0.2)
REGISTER_BY_SESSION = Pace(burst=5, per_second=0.02)
LOOK_FOR_PEOPLE = Pace(burst=30, per_second=1)
MAKE_LOGIN_TOKEN = Pace(burst=5, per_second=1 / 60)
UNKNOWN_TOKEN_BY_ADDRESS = Pace(burst=100, per_second=2)
ASK_FOR_CREDENTIALS = Pace(burst=30, per_second=0.2)
TO_DEVICE = Pace(burst=500, per_second=50)
UPLOAD_KEYS = Pace(burst=100, per_second=2)
QUERY_KEYS = Pace(burst=300, per_second=20)
CLAIM_KEYS = Pace(burst=300, per_second=20)
BACK_UP_KEYS = Pace(burst=300, per_second=10)
CREATE_MEDIA = Pace(burst=100, per_second=2)
UPLOAD_MEDIA = Pace(burst=100, per_second=2)
DOWNLOAD_MEDIA = Pace(burst=1000, per_second=50)
SET_ACCOUNT_DATA = Pace(burst=300, per_second=10)
KEEP_FILTER = Pace(burst=50, per_second=1)
OPEN_CONNECTION = Pace(burst=60, per_second=0.5)
READ = Pace(burst=300, per_second=20)
TYPE = Pace(burst=100, per_second=5)
STRANGERS = Pace(burst=20, per_second=5 / 86_400)
ALIAS = Pace(burst=50, per_second=0.2)
LOOK_AROUND = Pace(burst=100, per_second=5)
SET_PUSHER = Pace(burst=30, per_second=0.2)
ASK_SERVICE = Pace(burst=50, per_second=2)
REPORT = Pace(burst=20, per_second=0.05)


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many tokens there were at `at_ms`."""

    tokens: float
    at_ms: int


def take(bucket: Bucket | None, pace: Pace, now_ms: int) -> Bucket | Refuse:
    """The bucket with one token less, or 429 M_LIMIT_EXCEEDED with `retry_after_ms`."""
    tokens = float(pace.burst)
    if bucket is not None:
        gained = max(0, now_ms - bucket.at_ms) / 1000 * pace.per_second
        tokens = min(tokens, bucket.tokens + gained)
    if tokens >= 1:
        return Bucket(tokens - 1, now_ms)
    retry_after_ms = int((1 - tokens) / pace.per_second * 1000) + 1
    return Refuse(
        Errcode.LIMIT_EXCEEDED,
        "Too many requests. Try again in a moment.",
        "pace",
        status=429,
        more={"retry_after_ms": retry_after_ms},
    )


MOST_AWAITED = 20


@dataclass(frozen=True, slots=True)
class Awaited:
    """An address that is given out before its media comes: who may fill it, and until when (ms)."""

    media_id: str
    user_id: UserId
    expires_ts: int


@dataclass(frozen=True, slots=True)
class AwaitedFacts:
    """A new address without media, and how many its owner has already."""

    awaited: Awaited
    count: int


def awaited_are_few(facts: AwaitedFacts) -> Verdict:
    """429 M_LIMIT_EXCEEDED (client-server API, `POST /_matrix/media/v1/create`)."""
    if facts.count < MOST_AWAITED:
        return None
    says = f"{MOST_AWAITED} of your uploads have not come yet: finish one first."
    return Refuse(Errcode.LIMIT_EXCEEDED, says, "pace: awaited media", status=429)


LEAST_CHARGED_BYTES = 4096  # a block of the disk: a million empty files are not for nothing


def charged_bytes(size_bytes: int) -> int:
    """What a file takes of its owner's quota."""
    return max(size_bytes, LEAST_CHARGED_BYTES)


@dataclass(frozen=True, slots=True)
class Upload:
    """Media that somebody wants kept, as far as it has come."""

    size_bytes: int
    content_type: str
    file_name: str | None

    @property
    def charged_bytes(self) -> int:
        """What it takes of the quota."""
        return charged_bytes(self.size_bytes)


@dataclass(frozen=True, slots=True)
class UploadFacts:
    """An upload, what its account keeps already, and the limits of both."""

    upload: Upload
    kept_bytes: int
    most_bytes: int
    quota_bytes: int


def upload_is_not_too_large(facts: UploadFacts) -> Verdict:
    """413 M_TOO_LARGE (client-server API, "Content repository", security considerations)."""
    if facts.upload.size_bytes <= facts.most_bytes:
        return None
    says = f"An upload has at most {facts.most_bytes} bytes."
    return Refuse(Errcode.TOO_LARGE, says, status=413)


def upload_is_within_the_quota(facts: UploadFacts) -> Verdict:
    """403 M_FORBIDDEN (likewise)."""
    if facts.kept_bytes + facts.upload.charged_bytes <= facts.quota_bytes:
        return None
    says = f"Your files would be more than the {facts.quota_bytes} bytes that you may keep here."
    return Refuse(Errcode.FORBIDDEN, says, "quota")
