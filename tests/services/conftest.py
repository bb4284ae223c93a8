"""Stories of application services are told on both databases."""

from tests.both_databases import on_both

__all__ = ["on_both"]
