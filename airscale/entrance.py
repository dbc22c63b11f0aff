"""The way into the system of this deployment: a home's, started first, or a cluster's."""

import os

from airscale import stack
from airscale.cluster import secrets
from airscale.cluster.account import leave_root
from airscale.cluster.deployment import cluster_deployment
from airscale.home import Home
from airscale.login import Login


def enter(home: Home, report: stack.Report) -> Login:
    """
    Return where the system is and who may come in; start it first, where it is a home's.

    In a container of a cluster this process leaves root: what it writes belongs to the account.

    Parameters
    ----------
    report
        Called with a sentence at each step of the start.
    """
    if not secrets.is_cluster(os.environ):
        return stack.up(home, report)
    known = secrets.read()
    leave_root(needs_engine=True)
    deployment = cluster_deployment(os.environ, known)
    password = known.keys.admin_password
    return Login(deployment.execution_api, "admin", password, deployment.base_url)
