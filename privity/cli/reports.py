"""`privity reports`: what people told the administrator of rooms, events and each other."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict

from privity.cli.command import Command, OpenHouse, add_data_dir, config_of
from privity.cli.telling import day_and_time, printable, table
from privity.config import Config
from privity.store import reports
from privity.store.reports import MOST_KEPT, Report


def command(open_house: OpenHouse) -> Command:
    """The command over the composition's way to open a house that is there."""

    def work(arguments: argparse.Namespace) -> int:
        told = asyncio.run(_newest(config_of(arguments), open_house))
        if arguments.json:
            print(json.dumps({"reports": [asdict(report) for report in told]}))
        else:
            print(_words(told))
        return 0

    return Command("reports", "what people reported, newest first", _add_arguments, work)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")
    add_data_dir(parser)


async def _newest(config: Config, open_house: OpenHouse) -> list[Report]:
    async with open_house(config) as house:
        return await house.store.read(lambda tx: reports.newest(tx, MOST_KEPT))


def _words(told: list[Report]) -> str:
    if not told:
        return "Nobody has reported anything."
    heads = ("WHEN", "BY", "WHOM", "ROOM", "EVENT", "WHY")
    return table(heads, [_cells(report) for report in told])


def _cells(report: Report) -> tuple[str, ...]:
    named = (report.user_id, report.room_id, report.event_id, report.reason)
    return day_and_time(report.ts), report.reporter, *(printable(each or "-") for each in named)
