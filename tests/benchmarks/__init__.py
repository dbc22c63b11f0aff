"""Tests of the measurements: that they run, not what they measure."""
