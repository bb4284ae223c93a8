"""Keys, the messages between devices, and key backups."""
