"""What we refuse: pure checks, each gate a literal tuple of them. No clock, no I/O."""
