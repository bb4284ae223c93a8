"""Simplified sliding sync (MSC4186): the rooms that a client has in view, and what is new there."""
