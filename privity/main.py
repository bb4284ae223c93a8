"""Composition: builds every room in order, and is the only place that knows them all.

config -> engine -> store -> house -> follow (readers of the stream) -> api (the doors).
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module

from privity import __version__, log
from privity.accounts.set_pusher import push_bounds
from privity.api.app import router
from privity.api.door import Door
from privity.cli import backup, doctor, invite, reports, restore, serve, user
from privity.cli.command import Command, Failed, no_server_yet
from privity.cli.serve import Built
from privity.clock import SystemClock
from privity.config import BadConfig, Config
from privity.follow.cleaning import keep_cleaning
from privity.follow.followers import follow
from privity.follow.push.pushing import keep_pushing
from privity.follow.push.sending import Gateways
from privity.follow.services.feeding import keep_feeding
from privity.house import House
from privity.matrix.app_services import AppServices
from privity.matrix.ids import ServerName
from privity.matrix.signing import SigningKey
from privity.service_road import NoRoad, ServiceRoad
from privity.store import identity
from privity.store.bus import Bus
from privity.store.engine import DatabaseAway, Engine
from privity.store.engine.migrate import TooNew
from privity.store.engine.sqlite import SqliteEngine
from privity.store.files import Files
from privity.store.identity import OtherServer
from privity.store.store import MEDIA_FOLDER, Store
from privity.store.whole import NotEmpty, WholeDatabase
from privity.store.whole.sqlite import WholeSqlite

DATABASE_FILE = "privity.db"


def engine_of(config: Config) -> Engine:
    """The database that the configuration names."""
    if config.database:
        postgres = import_module("privity.store.engine.postgres")  # 160 ms that SQLite need not pay
        engine: Engine = postgres.PostgresEngine(config.database)
        return engine
    return SqliteEngine(config.data_dir / DATABASE_FILE)


def files_of(config: Config) -> Files:
    """Where the media is: a bucket if there is one, else a folder. Raises `BadConfig`."""
    folder = config.data_dir / MEDIA_FOLDER
    if not config.media_s3_bucket:
        return Files(folder)
    buckets = import_module("privity.store.bucket.files")  # 30 ms that a folder need not pay
    files: Files = buckets.BucketFiles(folder, buckets.bucket_of(config, os.environ))
    return files


def store_of(config: Config, engine: Engine | None = None) -> Store:
    """The store over the database, with the way to the other processes of the cluster."""
    if not config.database:
        if config.nats_url:
            raise BadConfig("'nats_url' is for several processes: they need 'database' too.")
        return Store(engine or engine_of(config), config, files=files_of(config))
    engines = import_module("privity.store.engine.postgres")
    origin = secrets.token_hex(8)
    if config.nats_url:
        bus = _nats_bus(config.nats_url, origin)
        engine = engines.PostgresEngine(config.database)
    else:
        bus = import_module("privity.store.bus.postgres").PostgresBus(config.database, origin)
        engine = engines.PostgresEngine(config.database, origin)
    return Store(engine, config, bus, files_of(config))


def _nats_bus(url: str, origin: str) -> Bus:
    try:
        bus: Bus = import_module("privity.store.bus.nats").NatsBus(url, origin)
    except ValueError as error:
        message = f"'nats_url': {error}."
        raise BadConfig(message) from error
    return bus


def services_of(config: Config, server_name: ServerName) -> AppServices:
    """The application services that the configuration names. Raises `BadConfig`."""
    if not config.app_services:
        return AppServices()
    registrations = import_module("privity.registrations")  # YAML: 20 ms for who needs it
    services: AppServices = registrations.app_services_of(config, server_name)
    return services


@asynccontextmanager
async def open_house(config: Config) -> AsyncIterator[House]:
    """Open the database and learn who we are; close it in the end."""
    store = store_of(config)
    await store.start()
    try:
        new_key = SigningKey.generate()
        known = await store.write(lambda tx: identity.of_server(tx, config.server_name, new_key))
        services = services_of(config, known.server_name)
        road = road_to(services, config)
        yield House(config, SystemClock(), store, known.server_name, known.key, services, road)
        await road.close()
    finally:
        await store.stop()


def road_to(services: AppServices, config: Config) -> ServiceRoad:
    """The road to the application services, if there are any."""
    if not any(service.url for service in services.all):
        return NoRoad()
    roads = import_module("privity.http_road")  # 40 ms, for who has services
    road: ServiceRoad = roads.HttpRoad(takes_any_certificate=config.is_open)
    return road


def engine_there_is(config: Config) -> Engine | None:
    """The database that the configuration names, if it was made before."""
    if config.database or (config.data_dir / DATABASE_FILE).exists():
        return engine_of(config)
    return None


@asynccontextmanager
async def open_known_house(config: Config) -> AsyncIterator[House]:
    """Open the house of a server that was started before, running or not. Raises `Failed`."""
    engine = engine_there_is(config)
    if engine is None:
        raise no_server_yet(config)
    store = store_of(config, engine)
    await store.start()
    try:
        known = await store.read(identity.known)
        if known is None:
            raise no_server_yet(config)
        yield House(config, SystemClock(), store, known.server_name, known.key)
    finally:
        await store.stop()


def whole_of(config: Config) -> WholeDatabase:
    """The database that the configuration names, from outside."""
    if config.database:
        postgres = import_module("privity.store.whole.postgres")
        whole: WholeDatabase = postgres.WholePostgres(config.database)
        return whole
    return WholeSqlite(config.data_dir / DATABASE_FILE)


def whole_there_is(config: Config) -> WholeDatabase:
    """The same, if it was made before. Raises `Failed`."""
    whole = whole_of(config)
    try:
        whole.check_empty()
    except NotEmpty:
        return whole
    raise no_server_yet(config)


def build_app(house: House) -> Door:
    """The ASGI application over an open house."""
    return Door(house, follow(house), router())


def gateways_of(house: House) -> Gateways:
    """The way to push gateways."""
    gateways = import_module("privity.follow.push.gateways")  # 40 ms, for who has a pusher
    opened: Gateways = gateways.HttpGateways(push_bounds(house))
    return opened


def build(house: House) -> Built:
    """The doors, and what is loaded only where it is needed: metrics, the way to push gateways."""
    door = build_app(house)
    return Built(
        door,
        lambda: import_module("privity.api.metrics").MetricsPage(house, door),
        lambda: keep_cleaning(house, door.followers),
        lambda: keep_pushing(door.followers.pushing, lambda: gateways_of(house)),
        [partial(keep_feeding, feeding) for feeding in door.followers.feeding],
    )


COMMANDS: tuple[Command, ...] = (
    serve.command(open_house, build),
    invite.command(open_known_house),
    user.command(open_known_house),
    reports.command(open_known_house),
    doctor.command(engine_there_is, files_of, services_of),
    backup.command(whole_there_is, files_of),
    restore.command(whole_of, files_of),
)


def main(argv: Sequence[str] | None = None) -> int:
    """The process: `privity COMMAND ...`. Returns the exit status."""
    log.set_up()
    return run(argv)


def parser() -> argparse.ArgumentParser:
    """What the words mean."""
    what = "A Matrix homeserver in which nothing has to be remembered to be safe."
    words = argparse.ArgumentParser(prog="privity", description=what)
    words.add_argument("--version", action="version", version=f"privity {__version__}")
    commands = words.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        subparser = commands.add_parser(command.name, help=command.help)
        command.add_arguments(subparser)
        subparser.set_defaults(work=command.work)
    return words


def run(argv: Sequence[str] | None = None) -> int:
    """Do what the words say. Returns 0 or 1 (failed); wrong use exits with 2."""
    arguments = parser().parse_args(argv)
    try:
        status: int = arguments.work(arguments)
    except DatabaseAway as error:
        says = f"the database: {error}. Try: privity doctor"
    except (Failed, BadConfig, OtherServer, TooNew) as error:
        says = str(error)
    else:
        return status
    print(f"privity: {says}", file=sys.stderr)  # noqa: T201 - a command speaks to a person
    return 1
