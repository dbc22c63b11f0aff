"""Tests of the documents and their validation."""
