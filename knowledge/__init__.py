"""The knowledge database: what Soite's documents say, compiled from `knowledge/documents` and `knowledge/services`."""
