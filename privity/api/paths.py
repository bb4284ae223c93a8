"""The beginnings of paths that route tables share."""

from __future__ import annotations

CLIENT = "/_matrix/client"
V1 = f"{CLIENT}/v1"
V3 = f"{CLIENT}/v3"
UNSTABLE = f"{CLIENT}/unstable"
ROOM = f"{V3}/rooms/{{roomId}}"
USER = f"{V3}/user/{{userId}}"
