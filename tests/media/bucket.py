"""A bucket of the tests' own: an S3 simulator in a process beside, over real HTTP.

It takes requests from those it knows alone, and checks each signature.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
import httpx
import pytest

from privity.config import Config
from privity.store.bucket.client import Ask, Client
from privity.store.bucket.files import bucket_of
from tests.homeserver import free_port

PAGE = 3
BEFORE_ANYBODY_IS_KNOWN = 3
EVERYTHING = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
)
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Simulator:
    """Its address, and the key that it takes."""

    url: str
    key_id: str
    secret: str


@contextmanager
def simulator() -> Iterator[Simulator]:
    """One that runs. What it lists, it lists in pages of three."""
    port = free_port()
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    settings = {
        **os.environ,
        "INITIAL_NO_AUTH_ACTION_COUNT": str(BEFORE_ANYBODY_IS_KNOWN),
        "MOTO_S3_DEFAULT_MAX_KEYS": str(PAGE),
    }
    out = subprocess.DEVNULL
    with subprocess.Popen(words, stdout=out, stderr=out, env=settings) as process:
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=12)) as client:
            client.get(f"{url}/moto-api/", timeout=60)
        yield Simulator(url, *_made_known(url))
        process.kill()


def _made_known(url: str) -> tuple[str, str]:
    iam = boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    iam.create_user(UserName="privity")
    iam.put_user_policy(UserName="privity", PolicyName="media", PolicyDocument=EVERYTHING)
    key = iam.create_access_key(UserName="privity")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


@pytest.fixture(scope="session", name="running")
def _running() -> Iterator[Simulator]:
    with simulator() as running:
        yield running


@pytest.fixture(name="bucket")
def _bucket(running: Simulator, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings of a server whose media is in a new bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", running.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", running.secret)
    name = f"media{next(_numbers)}"
    settings = {"media_s3_bucket": name, "media_s3_endpoint": running.url}
    client_of(settings).ask(Ask("PUT"), 200)
    return settings


def client_of(bucket: dict[str, Any]) -> Client:
    """Requests of our own to it."""
    return Client(bucket_of(Config(**bucket), os.environ))


def keys_in(bucket: dict[str, Any]) -> list[str]:
    """The keys of what lies in it, up to a thousand."""
    query = {"list-type": "2", "max-keys": "1000"}
    page = client_of(bucket).ask(Ask("GET", query=query), 200).content.decode()
    return [each.partition("</Key>")[0] for each in page.split("<Key>")[1:]]


def lose_one(bucket: dict[str, Any]) -> None:
    """Remove one of its files, behind the server's back."""
    client_of(bucket).ask(Ask("DELETE", keys_in(bucket)[0]), 204)
