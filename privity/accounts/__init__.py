"""The deeds on accounts: register, log in, log out, and what proves who somebody is."""
