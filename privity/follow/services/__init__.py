"""What application services hear: transactions, in the order of the stream."""
