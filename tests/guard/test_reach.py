"""Threat `reach`: where this server may be made to call."""

from __future__ import annotations

import pytest

from privity.guard.reach import (
    Bounds,
    Gateway,
    bounds_of,
    gateway_of,
    may_be_called,
    may_be_connected_to,
    need_public_addresses,
)

PATH = "/_matrix/push/v1/notify"
PUBLIC = Gateway("https", "push.example.org", 443)
OWN = Gateway("http", "127.0.0.1", 5000)


@pytest.mark.parametrize(
    ("url", "gateway"),
    [
        (f"https://push.example.org{PATH}", PUBLIC),
        (f"HTTPS://Push.Example.org:443{PATH}", PUBLIC),
        (f"http://127.0.0.1:5000{PATH}", OWN),
        (f"https://[2606:4700::1111]{PATH}", Gateway("https", "2606:4700::1111", 443)),
    ],
)
def test_an_address_is_taken_apart(url: str, gateway: Gateway) -> None:
    assert gateway_of(url) == gateway
    assert gateway_of(gateway.url) == gateway


@pytest.mark.parametrize(
    "url",
    [
        f"https://ann:secret@push.example.org{PATH}",
        f"https://push.example.org{PATH}?key=1",
        f"https://push.example.org{PATH}#there",
        f"https://push.example.org{PATH}/more",
        f"https://push.example.org/x/..{PATH}",
        f"https://push.example.org\\@10.0.0.1{PATH}",
        f"https://push.example.org:0{PATH}",
        f"https://push.example.org:65536{PATH}",
        f"https://{PATH}",
        f"https://[::1%25eth0]{PATH}",
        f"https://[1.2.3.4]x{PATH}",
        f"file://push.example.org{PATH}",
        f" https://push.example.org{PATH}",
        f"https://push.example.org{PATH}\n",
        f"https://p\u00fcsh.example.org{PATH}",
        f"https://{'a' * 1024}{PATH}",
        "",
        None,
        7,
    ],
)
def test_what_is_no_address_of_a_gateway_is_none(url: object) -> None:
    assert gateway_of(url) is None


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "0.0.0.0"),  # noqa: S104
        *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::"),
        *("2001:0:7f00:1::", "2001:db8::1", "::7f00:1", "localhost", "2130706433", "0x7f.1", ""),
    ],
)
def test_no_address_of_a_network_of_its_own_is_connected_to(address: str) -> None:
    assert not may_be_connected_to(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_an_address_of_the_internet_is(address: str) -> None:
    assert may_be_connected_to(address)


def test_what_is_not_over_tls_or_is_private_by_its_name_is_not_called() -> None:
    assert may_be_called(PUBLIC, Bounds()) is None
    for gateway in (OWN, Gateway("http", "push.example.org", 80), Gateway("https", "::1", 443)):
        assert may_be_called(gateway, Bounds()) is not None


def test_where_the_operator_named_gateways_only_those_are_called() -> None:
    bounds = bounds_of(f"http://127.0.0.1:5000{PATH}, push.example.org:8443", anywhere=False)
    assert may_be_called(OWN, bounds) is None
    assert may_be_called(Gateway("https", "push.example.org", 8443), bounds) is None
    assert may_be_called(PUBLIC, bounds) is not None
    assert not need_public_addresses(bounds)
    assert need_public_addresses(Bounds())


@pytest.mark.parametrize(
    "named", ["http://push.example.org", "push example", "https://push.example.org/other"]
)
def test_an_operator_cannot_name_what_would_be_unsafe(named: str) -> None:
    with pytest.raises(ValueError, match=r"push gateway|TLS"):
        bounds_of(named, anywhere=False)
