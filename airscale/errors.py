"""What the command line says when it cannot do what was asked."""


class StackError(Exception):
    """A whole sentence for a person: what happened, to which thing, why, and what to do."""


class ComponentEndedError(StackError):
    """
    A component ended while it was starting.

    Parameters
    ----------
    name
        Of the component.
    """

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name
