"""Tests of the room strike."""
