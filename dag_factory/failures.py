"""Failures of a job, each with the name of its error."""


class JobFailure(Exception):  # noqa: N818  # it is the job that failed, not the program
    """A job cannot go on.

    Parameters
    ----------
    error_name
        Name of the error in the catalogue; its category decides whether the job is tried again.
    detail
        A sentence for a person: what happened, to which thing, why, and what to do.
    """

    def __init__(self, error_name: str, detail: str) -> None:
        super().__init__(detail)
        self.error_name = error_name
        self.detail = detail
