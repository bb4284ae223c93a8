"""Media in a bucket of an S3-compatible store; loaded only where the configuration names one."""
