"""The deeds in media: verbs, one a file. Each reads top to bottom."""
