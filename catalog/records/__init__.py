"""Typed records, the only things that leave a store: the columns of a table, as values."""
