"""What syncs tell."""
