"""Tests of the dialects besides Scale's own."""
