"""Tags that users give to jobs (seed 000, and /user-tags of the real system)."""

from functools import partial
from typing import Any, Final

from fastapi import APIRouter

from catalog.catalogue import Catalogue
from catalog.errors import InvalidError
from plugins.rest.dependencies import CatalogueDep
from plugins.rest.merged import Parameters, ParametersDep
from plugins.rest.mozart.wire import envelope, operation
from plugins.rest.uids import uid_of

router = APIRouter()
_IDS: Final = ("job_id", "id")
_NEEDED: Final = ("job_id", "user_tag")
_TAG: Final = {
    "job_id": "The id of the job; `id` does too.",
    "user_tag": "The tag; `tag` does too.",
}
_INDEXED: Final = {
    "id": "The id of the job.",
    "index": "The index of its document, job_status-current.",
    "tag": "The tag.",
}
_INDEX: Final = "job_status-"
_of_index = partial(operation, router, "/user-tags", parameters=_INDEXED, required=tuple(_INDEXED))


@_of_index(verb="PUT", verbs=("PUT",))
def put_tag(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Add a user's tag to a job, as the pages of HySDS do."""
    _check_index(given)
    return _added(catalogue, given)


@_of_index(verb="DELETE", verbs=("DELETE",))
def delete_tag(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Remove a user's tag from a job, as the pages of HySDS do."""
    _check_index(given)
    return _removed(catalogue, given)


@operation(router, "/job/user_tag_add", parameters=_TAG, required=_NEEDED, verb="POST")
def add_tag(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Add a user's tag to a job; return all that users gave it."""
    return _added(catalogue, given)


@operation(router, "/job/user_tag_remove", parameters=_TAG, required=_NEEDED, verb="POST")
def remove_tag(catalogue: CatalogueDep, given: ParametersDep) -> dict[str, Any]:
    """Remove a user's tag from a job; return those that are left."""
    return _removed(catalogue, given)


def _added(catalogue: Catalogue, given: Parameters) -> dict[str, Any]:
    uid = uid_of(given.required_text(*_IDS))
    return envelope(catalogue.removal.tag(uid, add=[given.required_text("user_tag", "tag")]))


def _removed(catalogue: Catalogue, given: Parameters) -> dict[str, Any]:
    uid = uid_of(given.required_text(*_IDS))
    return envelope(catalogue.removal.tag(uid, remove=[given.required_text("user_tag", "tag")]))


def _check_index(given: Parameters) -> None:
    index = given.required_text("index")
    if not index.startswith(_INDEX):
        raise InvalidError(f"The index {index!r} is not one of jobs. Give {_INDEX}current.")
