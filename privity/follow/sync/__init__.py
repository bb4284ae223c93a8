"""`GET /sync`: what is new for one device, and waiting until something is."""
