"""The beginnings of paths that route tables share."""

from __future__ import annotations

CLIENT = "/_matrix/client"
V1 = f"{CLIENT}/v1"
V3 = f"{CLIENT}/v3"
V4 = f"{CLIENT}/v4"
UNSTABLE = f"{CLIENT}/unstable"
PRIVITY = f"{UNSTABLE}/io.privity"
SLIDING = f"{UNSTABLE}/org.matrix.simplified_msc3575"
ROOM = f"{V3}/rooms/{{roomId}}"
USER = f"{V3}/user/{{userId}}"
