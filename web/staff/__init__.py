"""The console: pages of the staff, one module a page, rendered on the server."""
