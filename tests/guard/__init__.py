"""The checks of the gates, each against what it is there to stop."""
