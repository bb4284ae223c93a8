"""`privity user list|show|lock|suspend|promote|deactivate|reset-password ...`: people's accounts.

Every one of them works while the server runs, which obeys within a second, and while it does not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from privity.accounts.change_password import change_password
from privity.accounts.deactivate import deactivate
from privity.accounts.lock import set_locked, set_suspended
from privity.accounts.names import id_of
from privity.cli.command import Command, Failed, OpenHouse, add_data_dir, command_line, config_of
from privity.cli.telling import day_and_time, operator_errors, printable, table
from privity.house import House
from privity.matrix.ids import UserId
from privity.rooms.leave_everywhere import leave_everywhere
from privity.store import accounts, devices
from privity.store.accounts import DEACTIVATED, Account
from privity.store.devices import Device

Told = dict[str, Any]
Deed = Callable[[House, argparse.Namespace], Awaitable[Told]]


def command(open_house: OpenHouse) -> Command:
    """The command over the composition's way to open a house that is there."""

    def work(arguments: argparse.Namespace) -> int:
        told = asyncio.run(_do(open_house, arguments))
        print(json.dumps(told) if arguments.json else arguments.words(told))
        return 0

    return Command("user", "see and change accounts", _add_arguments, work)


async def _do(open_house: OpenHouse, arguments: argparse.Namespace) -> Told:
    deed: Deed = arguments.deed
    config = config_of(arguments)
    async with open_house(config) as house:
        with operator_errors(command_line("user list", config)):
            return await deed(house, arguments)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(required=True, metavar="DEED")
    for name, what, deed, words in _DEEDS:
        deed_parser = deeds.add_parser(name, help=what)
        deed_parser.set_defaults(deed=deed, words=words)
        if deed is not _list:
            deed_parser.add_argument("user", metavar="USER", help="ann or @ann:example.org")
        if deed is _reset_password:
            deed_parser.add_argument(
                "--password-stdin", action="store_true", help="read the new password from stdin"
            )
        deed_parser.add_argument("--json", action="store_true", help="for programs")
        add_data_dir(deed_parser)


# -- The deeds


async def _list(house: House, _: argparse.Namespace) -> Told:
    everybody = await house.store.read(accounts.everybody)
    return {"users": [_account_json(account) for account in everybody]}


async def _show(house: House, arguments: argparse.Namespace) -> Told:
    account = await _named(house, arguments.user)
    owned = await house.store.read(lambda tx: devices.all_of(tx, account.user_id))
    return {**_account_json(account), "devices": [_device_json(device) for device in owned]}


async def _lock(house: House, arguments: argparse.Namespace) -> Told:
    account = await _named(house, arguments.user)
    await set_locked(house, account.user_id, is_locked=True)
    return await _show(house, arguments)


async def _unlock(house: House, arguments: argparse.Namespace) -> Told:
    account = await _named(house, arguments.user)
    await set_locked(house, account.user_id, is_locked=False)
    return await _show(house, arguments)


async def _suspend(house: House, arguments: argparse.Namespace) -> Told:
    account = await _named(house, arguments.user)
    await set_suspended(house, account.user_id, is_suspended=True)
    return await _show(house, arguments)


async def _unsuspend(house: House, arguments: argparse.Namespace) -> Told:
    account = await _named(house, arguments.user)
    await set_suspended(house, account.user_id, is_suspended=False)
    return await _show(house, arguments)


async def _promote(house: House, arguments: argparse.Namespace) -> Told:
    account = await _named(house, arguments.user)
    await house.store.write(lambda tx: accounts.set_admin(tx, account.user_id, is_admin=True))
    return await _show(house, arguments)


async def _demote(house: House, arguments: argparse.Namespace) -> Told:
    account = await _named(house, arguments.user)
    await house.store.write(lambda tx: accounts.set_admin(tx, account.user_id, is_admin=False))
    return await _show(house, arguments)


async def _deactivate(house: House, arguments: argparse.Namespace) -> Told:
    account = await _named(house, arguments.user)
    await deactivate(house, account.user_id)
    await leave_everywhere(house, account.user_id)
    return await _show(house, arguments)


async def _reset_password(house: House, arguments: argparse.Namespace) -> Told:
    account = await _named(house, arguments.user)
    if account.standing == DEACTIVATED:
        try_this = command_line("user list", house.config)
        raise Failed(f"{account.user_id} has been deactivated. Try: {try_this}")
    made_up = None if arguments.password_stdin else secrets.token_urlsafe(15)
    password = made_up or sys.stdin.readline().rstrip("\r\n")
    await change_password(house, account.user_id, password, keep=None)
    told = {"user_id": account.user_id}
    return told if made_up is None else {**told, "password": made_up}


async def _named(house: House, name: str) -> Account:
    user_id: UserId | None = id_of(house, name)
    account = None
    if user_id is not None:
        known_id = user_id
        account = await house.store.read(lambda tx: accounts.by_id(tx, known_id))
    if account is None:
        try_this = command_line("user list", house.config)
        raise Failed(f"there is no account {name!r}. Try: {try_this}")
    return account


# -- What they say


def _account_json(account: Account) -> Told:
    return {
        "user_id": account.user_id,
        "address": account.address,
        "standing": account.standing,
        "is_suspended": account.is_suspended,
        "is_admin": account.is_admin,
        "created_ts": account.created_ts,
    }


def _device_json(device: Device) -> Told:
    return {
        "device_id": device.device_id,
        "display_name": device.display_name,
        "last_seen_ts": device.last_seen_ts,
        "last_seen_ip": device.last_seen_ip,
    }


def _list_words(told: Told) -> str:
    if not told["users"]:
        return "Nobody has an account yet. Invite somebody: privity invite ADDRESS --admin"
    heads = ("USER", "ADDRESS", "STANDING", "ADMIN", "SINCE")
    return table(heads, [_account_cells(each) for each in told["users"]])


def _account_cells(told: Told) -> tuple[str, ...]:
    admin = "yes" if told["is_admin"] else "no"
    since = day_and_time(told["created_ts"])
    standing = f"{told['standing']}, suspended" if told["is_suspended"] else told["standing"]
    return told["user_id"], told["address"] or "-", standing, admin, since


def _show_words(told: Told) -> str:
    heads = ("user", "address", "standing", "admin", "since")
    lines = table(("", ""), list(zip(heads, _account_cells(told), strict=True))).splitlines()[1:]
    rows = [
        (
            device["device_id"],
            printable(device["display_name"] or "-"),
            day_and_time(device["last_seen_ts"]) if device["last_seen_ts"] else "never",
            device["last_seen_ip"] or "-",
        )
        for device in told["devices"]
    ]
    owned = table(("DEVICE", "NAME", "LAST SEEN", "FROM"), rows) if rows else "no device"
    return "\n".join((*lines, "", owned))


def _standing_words(told: Told) -> str:
    suspended = ", and suspended" if told["is_suspended"] else ""
    return f"{told['user_id']} is {told['standing']}{suspended}."


def _admin_words(told: Told) -> str:
    return f"{told['user_id']} is {'an' if told['is_admin'] else 'no'} administrator."


def _password_words(told: Told) -> str:
    ended = f"{told['user_id']} has a new password, and is logged out everywhere."
    if "password" not in told:
        return ended
    return f"{ended} It is shown this once:\n    {told['password']}"


_DEEDS: tuple[tuple[str, str, Deed, Callable[[Told], str]], ...] = (
    ("list", "every account", _list, _list_words),
    ("show", "one account and its devices", _show, _show_words),
    ("lock", "refuse an account everything until it is unlocked", _lock, _standing_words),
    ("unlock", "lift the lock", _unlock, _standing_words),
    ("suspend", "an account reads and leaves, and does not speak", _suspend, _standing_words),
    ("unsuspend", "lift the suspension", _unsuspend, _standing_words),
    ("promote", "make an administrator of somebody", _promote, _admin_words),
    ("demote", "an administrator no more", _demote, _admin_words),
    ("deactivate", "end an account for good", _deactivate, _standing_words),
    ("reset-password", "a new password, all devices logged out", _reset_password, _password_words),
)
