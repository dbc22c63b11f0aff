"""Users: they are Flask-AppBuilder's, and so are their passwords. Nothing of them is kept here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from airflow.api_fastapi.app import get_auth_manager
from airflow.providers.fab.auth_manager.api_fastapi.routes.login import (
    _get_flask_app,  # the one that signs people in; another way would make an app for each request
)

from plugins.rest import permissions

ADMIN: Final = "Admin"
ROLE: Final = "PAI"
"""The role of users that are made here and are no administrators: everything of this dialect."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user."""

    name: str
    is_admin: bool


@dataclass(frozen=True, slots=True)
class Token:
    """A token of Airflow, and who it stands for."""

    text: str
    person: Person


def token_of(name: str, password: str, seconds: int) -> Token | None:
    """Return a token that lasts so many seconds; None if name and password do not fit."""
    with _manager():
        auth: Any = get_auth_manager()
        user = auth.create_token(headers={}, body={"username": name, "password": password})
        if not user:
            return None
        text = auth.generate_jwt(user=user, expiration_time_in_seconds=seconds)
        return Token(text, _person(user))


def find(name: str) -> Person | None:
    """Return a user, if there is one of this name."""
    with _manager() as manager:
        user = manager.find_user(username=name)
        return None if user is None else _person(user)


def everybody() -> list[Person]:
    """Return all users by name."""
    with _manager() as manager:
        return sorted((_person(each) for each in manager.get_all_users()), key=lambda p: p.name)


def create(name: str, password: str, *, is_admin: bool) -> bool:
    """Make a user; say whether it worked."""
    with _manager() as manager:
        role = manager.find_role(ADMIN) if is_admin else _role(manager)
        address = f"{name}@localhost"
        return bool(manager.add_user(name, name, "-", address, role, password))


def change(name: str, password: str, *, is_admin: bool | None = None) -> bool:
    """Give a user another password, and take or give the role Admin; say whether it worked.

    Parameters
    ----------
    is_admin
        None to leave the roles alone.
    """
    with _manager() as manager:
        user = manager.find_user(username=name)
        if user is None:
            return False
        if is_admin is not None and is_admin is not _person(user).is_admin:
            others = [each for each in user.roles if each.name != ADMIN]
            user.roles = [*others, manager.find_role(ADMIN) if is_admin else _role(manager)]
            if not manager.update_user(user):
                return False
        return bool(manager.reset_password(user.id, password))


def remove(name: str) -> bool:
    """Remove a user that is no administrator; say whether there was one."""
    with _manager() as manager:
        user = manager.find_user(username=name)
        if user is None or _person(user).is_admin:
            return False
        user.roles = []
        manager.session.delete(user)
        manager.session.commit()
        return True


@contextmanager
def _manager() -> Iterator[Any]:
    with _get_flask_app().app_context():
        auth: Any = get_auth_manager()
        yield auth.security_manager


def _role(manager: Any) -> Any:
    role = manager.find_role(ROLE)
    if role is not None:
        return role
    manager.add_role(ROLE)
    role = manager.find_role(ROLE)
    for action in permissions.EVERY_ACTION:
        permission = manager.create_permission(action, permissions.PAI)
        manager.add_permission_to_role(role, permission)
    return role


def _person(user: Any) -> Person:
    return Person(str(user.username), any(each.name == ADMIN for each in user.roles))
