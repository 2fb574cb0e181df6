"""The admin studio: pages for admins alone, one module a page, on the console's frame."""
