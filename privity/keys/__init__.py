"""The deeds on keys: upload, query, claim, cross-sign, back up, and messages to devices."""
