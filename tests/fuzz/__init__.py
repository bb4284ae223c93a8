"""Requests that nobody would send, made from the specification, against the real server."""
