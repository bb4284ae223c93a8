"""Application services: whom they speak for, and what they hear."""
