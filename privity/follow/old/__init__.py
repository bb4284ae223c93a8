"""The event stream of before `/sync`: deprecated, specified still, and spoken by old clients."""
