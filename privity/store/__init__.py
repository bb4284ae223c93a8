"""What we remember: one file a noun, its SQL in it. Writers take proof of admission."""
