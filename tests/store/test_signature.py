"""Signatures for S3 are those of Amazon's published examples, to the letter."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from privity.store.bucket.signature import Credentials, encoded_query, signed

MOMENT = datetime(2013, 5, 24, tzinfo=UTC)
AMAZONS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
EMPTY = hashlib.sha256(b"").hexdigest()
WELCOME = hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()
EXAMPLES = [
    (
        ("GET", "/test.txt", {}, EMPTY, {"range": "bytes=0-9"}),
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    (
        (
            "PUT",
            "/test$file.text",
            {},
            WELCOME,
            {
                "date": "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
            },
        ),
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    (
        ("GET", "/", {"lifecycle": ""}, EMPTY, {}),
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    (
        ("GET", "/", {"prefix": "J", "max-keys": "2"}, EMPTY, {}),
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
]


@pytest.mark.parametrize(("request_", "signature"), EXAMPLES)
def test_a_signature_is_the_one_that_amazon_publishes(
    request_: tuple[str, str, dict[str, str], str, dict[str, str]], signature: str
) -> None:
    method, path, query, digest, more = request_
    headers = {"host": "examplebucket.s3.amazonaws.com", "x-amz-content-sha256": digest, **more}
    told = signed(method, path, query, headers, AMAZONS, MOMENT)["authorization"]
    names = ";".join(sorted([*headers, "x-amz-date"]))
    scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
    assert told == (
        f"AWS4-HMAC-SHA256 Credential={scope},SignedHeaders={names},Signature={signature}"
    )


def test_what_a_token_of_a_page_may_hold_is_encoded_once() -> None:
    assert encoded_query({"token": "a/b+c==", "prefix": "ab/"}) == (
        "prefix=ab%2F&token=a%2Fb%2Bc%3D%3D"
    )


def test_a_secret_does_not_show() -> None:
    assert "wJalr" not in repr(AMAZONS)
