"""Privity: a Matrix homeserver for organisations where being safe takes no remembering."""

__version__ = "0.1.0"
