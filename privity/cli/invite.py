"""`privity invite ADDRESS`: a single-use invitation, and the link that carries it."""

from __future__ import annotations

import argparse
import asyncio
import json

from privity.accounts.invite import Invited, invite
from privity.cli.command import Command, OpenHouse, add_data_dir, command_line, config_of
from privity.cli.telling import day_and_time, operator_errors
from privity.config import Config


def command(open_house: OpenHouse) -> Command:
    """The command over the composition's way to open a house that is there."""

    def work(arguments: argparse.Namespace) -> int:
        invited = asyncio.run(_invite(config_of(arguments), open_house, arguments))
        _tell(arguments, invited)
        return 0

    return Command("invite", "invite somebody by their e-mail address", _add_arguments, work)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar="ADDRESS", help="e-mail address, bound to the account")
    parser.add_argument(
        "--admin", action="store_true", help="the account may administer the server"
    )
    parser.add_argument("--json", action="store_true", help='{"token", "link", "expires_ts"}')
    parser.add_argument("--listen", help="where the server listens, for the link; or public_url")
    add_data_dir(parser)


async def _invite(config: Config, open_house: OpenHouse, arguments: argparse.Namespace) -> Invited:
    async with open_house(config) as house:
        with operator_errors(command_line("invite ann@example.org", config)):
            return await invite(house, arguments.address, is_admin=arguments.admin)


def _tell(arguments: argparse.Namespace, invited: Invited) -> None:
    if arguments.json:
        told = {"token": invited.token, "link": invited.link, "expires_ts": invited.expires_ts}
        print(json.dumps(told))
        return
    what = "an administrator" if arguments.admin else "one person"
    print(f"An invitation for {what}, to be used once, until {day_and_time(invited.expires_ts)}.")
    print(f"Send this to {arguments.address}, and to nobody else:")
    print(f"    {invited.link}")
    print("In a client that asks for a registration token:")
    print(f"    {invited.token}")
