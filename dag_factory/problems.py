"""The error a broken file of dags/recipes shows as in Airflow."""


class ConfigurationFileError(Exception):
    """A file of dags/recipes was not imported; the rest of the system goes on without it."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"dags/recipes/{path} was not imported: {problem}")
