"""Figures: how Lotsi serves residents, counted over what is stored. docs/figures.md says how each one is counted."""
