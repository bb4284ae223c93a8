"""The gate of media: how large, how much, and when it hands out its proof."""

from __future__ import annotations

import pytest

from privity.guard import gates
from privity.guard.pace import LEAST_CHARGED_BYTES, Upload, UploadFacts
from privity.guard.verdict import Refuse

BLOCK = LEAST_CHARGED_BYTES


def facts(size_bytes: int, kept_bytes: int = 0, quota_bytes: int = 100 * BLOCK) -> UploadFacts:
    upload = Upload(size_bytes, "application/octet-stream", None)
    return UploadFacts(upload, kept_bytes, most_bytes=10 * BLOCK, quota_bytes=quota_bytes)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (facts(0), None),
        (facts(10 * BLOCK), None),
        (facts(10 * BLOCK + 1), (413, "M_TOO_LARGE")),
        (facts(BLOCK, kept_bytes=99 * BLOCK), None),
        (facts(BLOCK + 1, kept_bytes=99 * BLOCK), (403, "M_FORBIDDEN")),
        (facts(1, kept_bytes=99 * BLOCK + 1), (403, "M_FORBIDDEN")),
        (facts(11 * BLOCK, kept_bytes=99 * BLOCK), (413, "M_TOO_LARGE")),
        (facts(1, quota_bytes=0), (403, "M_FORBIDDEN")),
    ],
)
def test_media_passes_within_its_bounds(
    given: UploadFacts, refusal: tuple[int, str] | None
) -> None:
    so_far, verdict = gates.upload_so_far(given), gates.upload(given)
    if refusal is None:
        assert so_far is None
        assert not isinstance(verdict, Refuse)
        assert verdict.value is given.upload
    else:
        assert isinstance(verdict, Refuse)
        assert so_far == verdict
        assert (verdict.status, verdict.errcode) == refusal
