"""Metrics with their intervals, one module a topic."""
