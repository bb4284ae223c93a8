"""Registrations: what is wrong in a file is told before the server starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from privity.config import BadConfig, Config
from privity.matrix.ids import ServerName
from privity.matrix.patterns import check_pattern
from privity.registrations import app_services_of
from tests.services.bridge import registration, written

HERE = ServerName("privity.test")


def users(regex: Any, **more: Any) -> dict[str, Any]:
    """A registration with this namespace of users."""
    return registration(namespaces={"users": [{"exclusive": True, "regex": regex, **more}]})


def test_a_registration_may_hold_what_is_for_other_servers(tmp_path: Path) -> None:
    files = written(tmp_path, registration(**{"io.element.msc4190": True, "push": 1}))
    (service,) = app_services_of(Config(app_services=files), HERE).all
    assert (service.id, service.url, service.sender) == ("irc", None, "@irc-bot:privity.test")
    assert not service.is_paced


@pytest.mark.parametrize("name", ["id", "url", "as_token", "hs_token", "sender_localpart"])
def test_what_a_registration_must_have_is_asked_for(tmp_path: Path, name: str) -> None:
    without = {key: value for key, value in registration().items() if key != name}
    with pytest.raises(BadConfig, match=f"has no '{name}'"):
        app_services_of(Config(app_services=written(tmp_path, without)), HERE)


@pytest.mark.parametrize(
    ("given", "because"),
    [
        (registration(id=7), "'id' that is not a text"),
        (registration(as_token=""), "'as_token' that is empty"),
        (registration(sender_localpart="a:b"), "no user's"),
        (registration(url="ftp://x"), "no http:// or https:// address"),
        (registration(url="http://u:p@x"), "no http:// or https:// address"),
        (registration(rate_limited="no"), "'rate_limited' that is not true or false"),
        (registration(protocols=[1]), "'protocols' that are no texts"),
        (registration(namespaces=[]), "'namespaces' that is not an object"),
        (users("("), "is no regular expression"),
        (users("(a+)+"), "repeats what holds a repeat"),
        (users("@x", exclusive=None), "has no 'exclusive'"),
        (users(None), "has no 'regex'"),
    ],
)
def test_a_slip_stops_the_start(tmp_path: Path, given: dict[str, Any], because: str) -> None:
    with pytest.raises(BadConfig, match=because):
        app_services_of(Config(app_services=written(tmp_path, given)), HERE)


@pytest.mark.parametrize(
    ("other", "because"),
    [
        ({}, "has the 'id' of another"),
        ({"id": "xmpp"}, "has the 'as_token' of 'irc'"),
        ({"id": "xmpp", "as_token": "other"}, "has the 'sender_localpart' of 'irc'"),
    ],
)
def test_two_services_cannot_be_taken_for_each_other(
    tmp_path: Path, other: dict[str, Any], because: str
) -> None:
    files = written(tmp_path, registration(), registration(**other))
    with pytest.raises(BadConfig, match=because):
        app_services_of(Config(app_services=files), HERE)


@pytest.mark.parametrize("text", [b"\xff", b"- a", b"{", b"", b"!!python/object:os.system {}"])
def test_a_file_that_is_no_registration_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "x.yaml").write_bytes(text)
    with pytest.raises(BadConfig, match=r"x\.yaml"):
        app_services_of(Config(app_services=(str(tmp_path / "x.yaml"),)), HERE)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read"):
        app_services_of(Config(app_services=(str(tmp_path / "none.yaml"),)), HERE)


@pytest.mark.parametrize(
    "pattern",
    ["@_irc_.*", r"^@signal_.*:example\.org$", "@(irc|xmpp)_[a-z]+:.*", "(?i)@bot(-test)?:", "."],
)
def test_patterns_as_bridges_write_them_are_taken(pattern: str) -> None:
    assert check_pattern(pattern).pattern == pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a|a)*",
        "((ab?))*",
        "(?:a|b){2,}",
        ".*.*.*.*",
        "a?a?a?a?a?a?a?a?a?",
        r"(a)\1",
        "(?P<x>a)",
        "a" * 501,
        "[",
    ],
)
def test_a_pattern_that_could_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_pattern(pattern)
