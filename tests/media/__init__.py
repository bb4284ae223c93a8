"""Media: upload, download, and the files on the disk."""
