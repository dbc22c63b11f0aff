"""What Airflow's Docker provider does for us: it reads connections to registries.

Its hook would also sign in and pull, but in a thread for each: the engine is given the login with
the pull itself (`dag_factory.runtimes.docker_pull`). Imported only for a pull: it costs seconds.
"""

from airflow.providers.docker.hooks.docker import DockerHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException


async def connection(connection_id: str) -> Connection | None:
    """Return an Airflow connection, None if there is none of that id.

    Raises
    ------
    OSError
        Raised if Airflow may not read it here.
    """
    try:
        found: Connection = await DockerHook.aget_connection(connection_id)
    except AirflowNotFoundException:
        return None
    return found
