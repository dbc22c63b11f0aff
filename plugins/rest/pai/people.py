"""Users: they are Flask-AppBuilder's, and so are their passwords. Nothing of them is kept here."""

from dataclasses import dataclass
from typing import Any, Final

from plugins.rest import permissions
from plugins.rest.sign_in import security_manager, token_of

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


def sign_in(name: str, password: str, seconds: int) -> Token | None:
    """Return a token that lasts so many seconds; None if name and password do not fit."""
    found = token_of(name, password, seconds)
    return None if found is None else Token(found[0], _person(found[1]))


def find(name: str) -> Person | None:
    """Return a user, if there is one of this name."""
    with security_manager() as manager:
        user = manager.find_user(username=name)
        return None if user is None else _person(user)


def everybody() -> list[Person]:
    """Return all users by name."""
    with security_manager() as manager:
        return sorted((_person(each) for each in manager.get_all_users()), key=lambda p: p.name)


def create(name: str, password: str, *, is_admin: bool) -> bool:
    """Make a user; say whether it worked."""
    with security_manager() as manager:
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
    with security_manager() as manager:
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
    with security_manager() as manager:
        user = manager.find_user(username=name)
        if user is None or _person(user).is_admin:
            return False
        user.roles = []
        manager.session.delete(user)
        manager.session.commit()
        return True


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
