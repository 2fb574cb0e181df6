"""Custom pipeline components, and the plain Python that they stand on."""
