"""The deeds in rooms: verbs, one a file. Each reads top to bottom."""
