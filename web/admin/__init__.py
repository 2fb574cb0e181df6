"""The admin studio's pages: topics, answers and the knowledge; on the frame of the staff console."""
