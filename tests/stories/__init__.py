"""Whole conversations, over real sockets and through real processes."""
