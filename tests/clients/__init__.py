"""Real clients, written by others, against the real server over a real socket."""
