"""Metrics for Prometheus: how the service runs. Nothing of what residents ask gets here; docs/metrics.md lists them."""
