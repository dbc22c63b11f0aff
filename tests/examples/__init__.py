"""Tests of the example algorithms, scenes and configuration."""
