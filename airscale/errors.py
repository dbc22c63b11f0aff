"""What the command line says when it cannot do what was asked."""


class StackError(Exception):
    """A whole sentence for a person: what happened, to which thing, why, and what to do."""
