"""What the cncf-kubernetes provider does for us: connections, and the merge of pod templates.

Imported only when a pod is to be run: it costs seconds.
"""

from pathlib import Path
from typing import Any

from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook
from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
from airflow.sdk.exceptions import AirflowException
from kubernetes_asyncio.config import ConfigException


class ConnectionHook(AsyncKubernetesHook):
    """The provider's hook, which tells a connection that cannot be used from a silent cluster."""

    async def get_conn_extras(self) -> dict[str, Any]:
        """Return the extra fields of the connection.

        Raises
        ------
        ConfigException
            Raised if Airflow has no such connection.
        """
        try:
            extras: dict[str, Any] = await super().get_conn_extras()
        except AirflowException as error:
            raise ConfigException(str(error)) from error
        return extras


def hook_of(connection: str) -> ConnectionHook:
    """Return the hook of an Airflow connection.

    ``kubernetes_default`` need not exist: the usual configuration file is used then.
    """
    return ConnectionHook(conn_id=connection)


def merged(template: Path, pod: dict[str, Any]) -> dict[str, Any]:
    """Return a pod with what a template adds to it: where both say something, the pod wins.

    Lists of volumes, mounts and environment variables are joined. The first container of the
    template is the job's; further ones stay beside it.
    """
    base = PodGenerator.deserialize_model_file(str(template))
    ours = PodGenerator.deserialize_model_dict(pod)
    both: dict[str, Any] = PodGenerator.serialize_pod(PodGenerator.reconcile_pods(base, ours))
    return both
