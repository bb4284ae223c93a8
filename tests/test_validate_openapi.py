"""The validator sees what is wrong, and only that."""

from __future__ import annotations

import pytest

from tests.validate_openapi import check, specification

pytestmark = pytest.mark.skipif(
    specification() is None, reason="../shared/spec is not beside this repository"
)

SYNC = "/_matrix/client/v3/sync"
WHOAMI = "/_matrix/client/v3/account/whoami"


def test_a_response_that_fits_breaks_nothing() -> None:
    assert check("GET", f"{SYNC}?since=s1", 200, b'{"next_batch":"s2"}') == []


def test_a_missing_member_is_named() -> None:
    (complaint,) = check("GET", SYNC, 200, b"{}")
    assert complaint == f'GET {SYNC} 200: the body: "next_batch" is a required property'


def test_a_wrong_type_deep_inside_is_found_through_the_references() -> None:
    body = b'{"next_batch":"s","rooms":{"join":{"!a:b":{"timeline":{"events":[{"type":1}]}}}}}'
    assert any(
        "rooms.join.!a:b.timeline.events.0.type" in line for line in check("GET", SYNC, 200, body)
    )


def test_the_old_name_of_the_version_is_judged_alike() -> None:
    assert len(check("GET", "/_matrix/client/r0/sync", 200, b"{}")) == 1


def test_a_status_that_is_not_described_is_reported() -> None:
    assert check("GET", WHOAMI, 201, b"{}") != []


def test_an_error_needs_its_code_and_a_text() -> None:
    assert check("GET", WHOAMI, 500, b'{"errcode":"M_UNKNOWN","error":"a fault"}') == []
    assert check("GET", WHOAMI, 500, b'{"errcode":"M_UNKNOWN"}') != []
    assert check("GET", WHOAMI, 500, b"Internal Server Error") != []


def test_a_401_may_ask_for_stages() -> None:
    path = "/_matrix/client/v3/keys/device_signing/upload"
    assert check("POST", path, 401, b'{"flows":[{"stages":["m.login.password"]}]}') == []


def test_the_content_of_an_event_is_judged_by_its_type() -> None:
    event = '{"type":"m.typing","content":{"user_ids":"@ann:privity.test"}}'
    body = f'{{"next_batch":"s","account_data":{{"events":[{event}]}}}}'
    (complaint,) = check("GET", SYNC, 200, body.encode())
    assert "m.typing: content.user_ids" in complaint


def test_an_endpoint_that_the_specification_does_not_know_needs_only_proper_errors() -> None:
    path = "/_matrix/client/unstable/org.example/thing"
    assert check("GET", path, 200, b"anything") == []
    assert check("GET", path, 404, b'{"errcode":"M_UNRECOGNIZED","error":"no"}') == []
    assert check("GET", path, 404, b"no") != []
