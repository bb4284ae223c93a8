"""The store's contracts, on both databases."""
