"""matrix-js-sdk with its Rust cryptography in Node: what people do with the apps built on it.

The stories are in js/stories, one file each; here stands what each of them must have seen.
"""

from __future__ import annotations

import pytest

from tests.clients.conftest import Tell

pytestmark = pytest.mark.real


def test_the_first_log_in_sets_up_cross_signing_secret_storage_and_a_backup(tell: Tell) -> None:
    assert tell("first_log_in", "ann", "ben") == [
        "cross-signing is ready",
        "secret storage is ready",
        "the private keys are in secret storage",
        "a key backup runs",
        "the backup is signed by ann",
        "ben sees ann's device signed by ann",
        "new keys without the password are refused",
        "new keys with it are taken",
        "ben is told that ann's keys are new",
    ]


def test_two_people_talk_in_a_direct_chat(tell: Tell) -> None:
    assert tell("direct_chat", "ann", "ben") == [
        "ben was invited to a direct chat",
        "ben reads what ann wrote",
        "the server had only ciphertext",
        "ann sees that ben has read it",
        "ann reads what ben wrote",
    ]


def test_three_people_talk_in_a_group_and_one_leaves(tell: Tell) -> None:
    assert tell("group_of_three", "ann", "ben", "cat") == [
        "cat sees the name of the group",
        "all three read what ann wrote",
        "all three read what ben wrote",
        "all three read what cat wrote",
        "the two who stayed go on",
        "ben hears no more",
    ]


def test_a_message_is_answered_edited_reacted_to_and_taken_back(tell: Tell) -> None:
    assert tell("a_message_and_what_follows", "ann", "ben") == [
        "ann sees which message ben answers",
        "ben reads the edited words",
        "ann sees ben's reaction",
        "ben no longer has the words",
        "the server no longer has the ciphertext",
    ]


def test_an_encrypted_attachment_is_read_at_the_other_end(tell: Tell) -> None:
    assert tell("encrypted_attachment", "ann", "ben") == [
        "ben reads where the file is",
        "the server gives the same ciphertext",
        "it says no more than bytes",
        "the hash that ann announced holds",
        "ben reads the file",
        "without a token it is not given",
    ]


def test_two_people_verify_each_other_by_emoji(tell: Tell) -> None:
    assert tell("verification", "ann", "ben") == [
        "ben is asked by ann",
        "seven emoji are shown",
        "both are shown the same emoji",
        "ann trusts ben",
        "ben trusts ann",
        "ben's other device trusts ann",
    ]


def test_a_second_device_restores_the_backup_and_reads_history(tell: Tell) -> None:
    assert tell("second_device", "ann", "ben") == [
        "the second device cannot read it yet",
        "the second device finds ann's identity",
        "keys came out of the backup",
        "it reads what ben wrote before",
        "the first device trusts the second",
        "both read what ben writes now",
    ]


def test_a_second_device_is_verified_by_emoji_and_given_the_secrets(tell: Tell) -> None:
    assert tell("second_device_by_emoji", "ann", "ben") == [
        "the second device has no secrets",
        "the first is asked by the second",
        "both show the same emoji",
        "the first gave it the secrets",
        "it reads what ben wrote before",
    ]


def test_a_device_that_logs_out_is_gone_for_everybody(tell: Tell) -> None:
    assert tell("log_out", "ann", "ben") == [
        "ben knows the second device",
        "its token is dead",
        "the server has one device left",
        "ben no longer knows it",
        "the other device goes on",
    ]


def test_what_is_said_to_nobody_is_read_by_who_wakes_a_device_that_sleeps(tell: Tell) -> None:
    assert tell("a_device_that_sleeps", "ann", "ben") == [
        "the server knows devices that sleep",
        "ben knows the one that sleeps",
        "ann reads what was said to nobody",
        "another sleeps now",
    ]


def test_a_device_that_syncs_by_windows_reads_and_writes_like_any_other(tell: Tell) -> None:
    assert tell("sliding_sync", "ann", "ben") == [
        "the room is there by its name",
        "its members are counted",
        "it is known to be encrypted",
        "it reads what ann wrote",
        "the message is counted",
        "it shows who is typing",
        "what was read is counted no more",
        "ann reads the answer",
        "an invitation comes",
    ]
