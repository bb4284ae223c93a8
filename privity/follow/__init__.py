"""After the commit: readers of the streams. Nothing below ever calls up to them."""
