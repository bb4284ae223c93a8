"""`privity doctor`: what is wrong with this server, and the command that mends it.

It looks and changes nothing. Exit status 0: all is well; 1: something is to be mended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict

from privity.cli import ailments, cluster
from privity.cli.ailments import Finding
from privity.cli.command import Command, add_data_dir, config_of
from privity.clock import SystemClock
from privity.config import BadConfig, Config
from privity.matrix.app_services import AppServices
from privity.matrix.ids import ServerName
from privity.store.engine import DatabaseAway, Engine, Tx
from privity.store.files import DiskAway, Files

OpenEngine = Callable[[Config], Engine | None]
OpenFiles = Callable[[Config], Files]
FindServices = Callable[[Config, ServerName], AppServices]


def command(engine_there_is: OpenEngine, files_of: OpenFiles, services_of: FindServices) -> Command:
    """The command over the composition's way to a database; None where there is none yet."""

    def work(arguments: argparse.Namespace) -> int:
        findings = _look(arguments, engine_there_is, files_of, services_of)
        _tell(findings, as_json=arguments.json)
        return 0 if all(finding.is_well for finding in findings) else 1

    return Command("doctor", "what is wrong, and the command that mends it", _add_arguments, work)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_dir(parser)
    parser.add_argument("--listen", help="where the server should answer")
    parser.add_argument("--json", action="store_true", help="for programs")


def _look(
    arguments: argparse.Namespace,
    engine_there_is: OpenEngine,
    files_of: OpenFiles,
    services_of: FindServices,
) -> list[Finding]:
    try:
        config = config_of(arguments)
        files = files_of(config)
        services = services_of(config, ServerName(config.server_name or "localhost"))
    except BadConfig as error:
        return [Finding("configuration", str(error), f"${{EDITOR:-vi}} {arguments.config}")]
    findings = [
        *ailments.of_config(config, arguments.config),
        *ailments.of_folder(config),
        *ailments.of_disk(config),
    ]
    engine = engine_there_is(config)
    if engine is not None:
        findings += asyncio.run(_look_inside(engine, files, config))
    return [*findings, *ailments.of_services(config, services), *ailments.of_server(config)]


async def _look_inside(engine: Engine, files: Files, config: Config) -> list[Finding]:
    def look(tx: Tx) -> list[Finding]:
        findings = list(ailments.of_database(tx, config))
        if all(finding.is_well for finding in findings):
            findings += ailments.of_identity(tx, config)
            findings += ailments.of_clock(tx, SystemClock().now_ms())
            findings += cluster.of_cluster(tx, config, SystemClock().now_ms())
        return findings

    try:
        findings = await engine.read(look)
        if any(each.about == "database" and not each.is_well for each in findings):
            return findings
        there = await files.digests()
        return findings + await engine.read(lambda tx: list(ailments.of_media(tx, config, there)))
    except DiskAway as error:
        return [*findings, ailments.no_media(config, str(error))]
    except DatabaseAway as error:
        return [ailments.unreadable(config, str(error))]
    finally:
        await files.stop()
        await engine.stop()


def _tell(findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        told = [{**asdict(finding), "is_well": finding.is_well} for finding in findings]
        print(json.dumps({"findings": told}))
        return
    for finding in findings:
        print(f"{'well ' if finding.is_well else 'WRONG'}  {finding.about}: {finding.says}")
        if not finding.is_well:
            print(f"           {finding.mend}")
