"""The load: ours and a peer's in one run. `python -m bench`, or `make bench`."""
