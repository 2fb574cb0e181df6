"""Validate, train and evaluate models."""
