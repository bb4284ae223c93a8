"""Privity: a Matrix homeserver for organisations in which nothing has to be remembered to be safe."""

__version__ = "0.1.0"
