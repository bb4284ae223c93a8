"""What may be done in rooms, and what may be seen of them."""
