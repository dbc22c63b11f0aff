"""Example algorithms and configuration."""
