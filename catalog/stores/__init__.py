"""Stores: the only classes that touch a session. Each holds the rows of one noun."""
