"""Accounts: registering, logging in and out, proving, changing."""
