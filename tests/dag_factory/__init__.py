"""Tests of the room dag_factory."""
