"""What an operator can set: one TOML file, every default the safe one.

A key that weakens anything starts with `unsafe_`, is shouted at start, and exists so that
independent conformance and load tools, written for open servers, can run against the same binary.
Each field's `doc` is the text of docs/configuration.md; a test holds the two together.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

DAY_MS = 24 * 3600 * 1000


class BadConfig(Exception):  # noqa: N818 - named for what is wrong
    """The configuration cannot be used. The text says which key, and what to write instead."""


def _key(default: Any, doc: str) -> Any:  # noqa: ANN401 - a dataclass field of any type
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, after the file and the command line were read."""

    server_name: str = _key(
        "",
        "The name in every user id (`@ann:NAME`). Fixed by the first start; default `localhost`.",
    )
    listen: str = _key("127.0.0.1:8008", "Address and port to listen on.")
    data_dir: Path = field(
        default=Path("var"),
        metadata={"doc": "Folder of the database, the media and the signing key."},
    )
    database: str = _key(
        "",
        "`postgresql://...` for PostgreSQL. Empty: an embedded SQLite database in the data folder.",
    )
    nats_url: str = _key(
        "",
        "`nats://...` or `tls://...`, several with commas between them: NATS wakes the processes "
        "of a cluster. Empty: PostgreSQL's LISTEN and NOTIFY do. Needs `database`.",
    )
    metrics_listen: str = _key(
        "",
        "Loopback address and port of `/metrics` for Prometheus, `127.0.0.1:9108` say. "
        "Empty: no such port.",
    )
    public_url: str = _key(
        "",
        "The address that clients reach, for links and `/.well-known/matrix/client`. "
        "Empty: `http://` and the listen address.",
    )
    trusted_proxies: str = _key(
        "",
        "Addresses or networks of reverse proxies, with commas between them, whose "
        "`X-Forwarded-For` names the client. Empty: the client is whoever connects.",
    )
    invitation_lifetime_ms: int = _key(
        7 * 24 * 3600 * 1000, "How long an invitation can be used, in milliseconds (7 days)."
    )
    access_token_lifetime_ms: int = _key(
        3600 * 1000,
        "How long an access token lives that came with a refresh token, in milliseconds (1 hour).",
    )
    max_upload_bytes: int = _key(100 * 1024 * 1024, "The largest upload, in bytes (100 MiB).")
    media_quota_bytes: int = _key(
        5 * 1024 * 1024 * 1024, "Media that one account may keep, in bytes (5 GiB)."
    )
    media_lifetime_ms: int = _key(
        0,
        "How long media is kept, in milliseconds; what people and rooms show as their picture "
        "stays. 0: for ever.",
    )
    media_s3_bucket: str = _key(
        "",
        "Bucket of an S3-compatible store for the media of this server alone. Empty: the folder "
        "`media` of the data folder, which several processes may share.",
    )
    media_s3_endpoint: str = _key(
        "", "Its address, `https://s3.example.org`. Empty: Amazon's in the region."
    )
    media_s3_region: str = _key("us-east-1", "Its region.")
    media_s3_credentials: str = _key(
        "",
        "File with the key's id in its first line and the secret in its second. Empty: "
        "`AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` of the environment.",
    )
    thumbnails_bytes: int = _key(
        1024 * 1024 * 1024, "What all thumbnails together may take of the disk, in bytes (1 GiB)."
    )
    message_lifetime_ms: int = _key(
        0,
        "How long what is said in rooms is kept, in milliseconds, a day at the least; their state "
        "and the newest event of each stay. 0: for ever.",
    )
    inbox_lifetime_ms: int = _key(
        90 * 24 * 3600 * 1000,
        "How long messages wait for a device that nobody sees any more, in milliseconds (90 days).",
    )
    max_json_bytes: int = _key(
        1024 * 1024, "The largest JSON body taken, in bytes (1 MiB; key backups: 8 times that)."
    )
    turn_uris: str = _key(
        "",
        "TURN servers for calls, with commas between them: `turn:turn.example.org?transport=udp`. "
        "Empty: clients are told of none.",
    )
    turn_shared_secret: str = _key(
        "", "What the TURN servers and this one both know (`static-auth-secret` of coturn)."
    )
    turn_lifetime_ms: int = _key(
        24 * 3600 * 1000, "How long a client can use its TURN password, in milliseconds (1 day)."
    )
    rtc_foci: str = _key(
        "",
        "Addresses of LiveKit authorisation services for group calls, with commas between them. "
        "Empty: none.",
    )
    push_gateways: str = _key(
        "",
        "Push gateways that notifications may be sent to, and no others: hosts or addresses, with "
        "commas between them. Empty: any that is reached over https on the public internet.",
    )
    support_email: str = _key(
        "", "The administrator's address in `/.well-known/matrix/support`. Empty: none is told."
    )
    support_page: str = _key(
        "", "A page with help, in `/.well-known/matrix/support`. Empty: none is told."
    )
    presence: bool = _key(
        default=False,
        doc="People who share a room see who of them is online. Off: nobody is told. "
        "(On if every switch below is.)",
    )
    app_services: tuple[str, ...] = _key(
        (),
        "Registration files of application services (bridges, bots), in YAML: see "
        "docs/services.md. They speak for other people and hear of rooms.",
    )
    room_cache_events: int = _key(
        50_000, "How many state events of rooms in use are kept in memory, all rooms together."
    )
    unsafe_open_registration: bool = _key(
        default=False,
        doc="Anybody may register with `m.login.dummy`, in one request and without an invitation. "
        "Passwords may be short.",
    )
    unsafe_no_rate_limits: bool = _key(default=False, doc="No request is ever too soon.")
    unsafe_allow_plaintext: bool = _key(
        default=False, doc="Rooms may be without encryption, and events in clear are taken."
    )
    unsafe_guests: bool = _key(
        default=False,
        doc="Guests: accounts for anybody who asks, without any proof, in rooms that let them in.",
    )
    unsafe_open_directory: bool = _key(
        default=False,
        doc="Strangers find each other: the user directory shows everybody in public rooms, and "
        "profiles, aliases and the directory of rooms are told without a token.",
    )
    unsafe_unsigned_devices: bool = _key(
        default=False,
        doc="Devices that their owner has not cross-signed get sessions from others like any "
        "other.",
    )
    unsafe_strangers_may_invite: bool = _key(
        default=False,
        doc="Invitations from strangers show the words that they chose, as many as they like.",
    )
    unsafe_query_tokens: bool = _key(
        default=False,
        doc="`?access_token=` is taken: tokens end up in the logs of proxies and in histories.",
    )
    unsafe_fast_password_hash: bool = _key(
        default=False, doc="Argon2id with the least cost: a stolen database is soon guessed."
    )
    unsafe_default_room_version: str = _key(
        "", 'The version of new rooms when the client names none ("10" or "11"). Empty: 12.'
    )

    @property
    def media_s3_url(self) -> str:
        """The address of the S3-compatible store."""
        return self.media_s3_endpoint or f"https://s3.{self.media_s3_region}.amazonaws.com"

    @property
    def client_url(self) -> str:
        """The address that clients reach, without a slash at its end."""
        return (self.public_url or f"http://{self.listen}").rstrip("/")

    @property
    def is_open(self) -> bool:
        """Whether every switch that weakens is on: the server does as open servers in use do.

        That is for suites of conformance: where the specification leaves room, or those servers
        are more lenient than it, so is this one.
        """
        return (
            self.unsafe_open_registration
            and self.unsafe_no_rate_limits
            and self.unsafe_allow_plaintext
            and self.unsafe_guests
            and self.unsafe_open_directory
            and self.unsafe_unsigned_devices
            and self.unsafe_strangers_may_invite
            and self.unsafe_query_tokens
            and self.unsafe_fast_password_hash
        )

    def weakened_by(self) -> list[str]:
        """The names of the `unsafe_` keys that are set."""
        return [
            f.name for f in fields(self) if f.name.startswith("unsafe_") and getattr(self, f.name)
        ]


_TYPE_NAMES = {
    bool: "true or false",
    int: "a whole number",
    str: "a text in quotes",
    tuple: "a list of texts in quotes",
    Path: "a path",
}


def load(path: Path | None) -> Config:
    """The defaults, overlaid with the TOML file at `path` if there is one.

    Raises `BadConfig` for a file that cannot be read, an unknown key, or a value of the wrong type.
    """
    if path is None:
        return Config()
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {error}"
        raise BadConfig(message) from error
    config = replace(Config(), **{name: _value(name, value) for name, value in raw.items()})
    if 0 < config.message_lifetime_ms < DAY_MS:
        message = f"'message_lifetime_ms' is in milliseconds, {DAY_MS} (a day) at the least."
        raise BadConfig(message)
    return replace(config, presence=raw.get("presence", config.is_open))


def _value(name: str, value: object) -> Any:  # noqa: ANN401 - of the field's type, checked here
    known = {f.name: f for f in fields(Config)}
    if name not in known:
        message = f"'{name}' is not a configuration key. docs/configuration.md lists them all."
        raise BadConfig(message)
    default = known[name].default
    kind = Path if isinstance(default, Path) else type(default)
    if kind is Path and isinstance(value, str):
        return Path(value)
    if kind is tuple and isinstance(value, list) and all(type(each) is str for each in value):
        return tuple(value)
    if type(value) is not kind or (kind is int and not isinstance(value, bool) and value < 0):  # type: ignore[operator]
        message = f"'{name}' takes {_TYPE_NAMES[kind]}, not {value!r}."
        raise BadConfig(message)
    return value
