"""Notifications: found in the stream, sent to the gateways that people's devices named."""
