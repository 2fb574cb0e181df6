"""What was said and what staff did with it. Only masked text enters this room's database."""
