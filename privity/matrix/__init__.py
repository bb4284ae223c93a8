"""What the protocol says: pure functions over frozen values. No clock, no I/O."""
