"""The browser client as people use it: a real browser, the real server, one story a test."""
