"""What the embedded database promises beyond the contract of both."""

from __future__ import annotations

from pathlib import Path

from tests.world import World


async def test_what_was_redacted_is_not_in_the_file_of_the_database_any_more(
    tmp_path: Path,
) -> None:
    async with World(data_dir=tmp_path) as world:
        ann = await world.person("ann")
        room_id = (await ann.post("/createRoom", {}))["room_id"]
        secret = "c2VjcmV0IHRvIGJlIHJlZGFjdGVk" * 20
        content = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": secret}
        sent = await ann.put(f"/rooms/{room_id}/send/m.room.encrypted/1", content)
        assert sent.status == 200, sent.body
        assert secret.encode() in all_bytes(tmp_path)
        await ann.put(f"/rooms/{room_id}/redact/{sent['event_id']}/2", {})
    assert secret.encode() not in all_bytes(tmp_path)


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("privity.db*"))
