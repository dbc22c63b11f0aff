"""Tests of the REST dialects."""
