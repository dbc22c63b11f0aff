"""Checks of the files given to a job or recipe (seed 001, Job Data and Recipe Data)."""

from collections.abc import Iterable, Mapping

from catalog.errors import InvalidError
from catalog.records.files import FileRecord
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import FilesValue, PropertyValue
from schemas.job_interface import JobInput

Inputs = Mapping[str, PropertyValue | FilesValue]


def input_files(tx: UnitOfWork, inputs: Inputs) -> dict[str, tuple[FileRecord, ...]]:
    """Return the files of every file input, by input name, in the order given.

    Raises
    ------
    InvalidError
        Raised if a file does not exist or was deleted.
    """
    return checked_files(files_of(tx, [inputs]), inputs)


def checked_files(
    found: Mapping[int, FileRecord], inputs: Inputs
) -> dict[str, tuple[FileRecord, ...]]:
    """Return the files of every file input out of those found by `files_of`.

    Raises
    ------
    InvalidError
        Raised if a file does not exist or was deleted.
    """
    given = _given(found, inputs)
    for name, file_ids in _wanted(inputs).items():
        present = {file.id for file in given[name] if not file.is_deleted}
        missing = [file_id for file_id in file_ids if file_id not in present]
        if missing:
            raise InvalidError(
                f"Input {name!r} names file {missing[0]}, which does not exist or was deleted."
                " Give the id of a file that is listed under sources or products."
            )
    return given


def given_files(tx: UnitOfWork, inputs: Inputs) -> dict[str, tuple[FileRecord, ...]]:
    """Return the files of every file input that are on record, also those deleted since."""
    return _given(files_of(tx, [inputs]), inputs)


def files_of(tx: UnitOfWork, many: Iterable[Inputs]) -> dict[int, FileRecord]:
    """Return the files that any of these inputs name and that are on record, by id."""
    return tx.files.get_many(
        {
            file_id
            for inputs in many
            for file_ids in _wanted(inputs).values()
            for file_id in file_ids
        }
    )


def _given(found: Mapping[int, FileRecord], inputs: Inputs) -> dict[str, tuple[FileRecord, ...]]:
    return {
        name: tuple(found[file_id] for file_id in file_ids if file_id in found)
        for name, file_ids in _wanted(inputs).items()
    }


def check_media_types(
    declared: Iterable[JobInput], files: Mapping[str, tuple[FileRecord, ...]]
) -> None:
    """Refuse a file whose media type an input does not accept.

    Raises
    ------
    InvalidError
        Raised for the first such file.
    """
    for given in declared:
        for file in files.get(given.name, ()):
            if given.media_types and file.media_type not in given.media_types:
                raise InvalidError(
                    f"Input {given.name!r} accepts {', '.join(given.media_types)}, but file"
                    f" {file.id} ({file.file_name!r}) is {file.media_type}."
                    " Give a file of an accepted media type."
                )


def _wanted(inputs: Inputs) -> dict[str, tuple[int, ...]]:
    return {name: value.file_ids for name, value in inputs.items() if isinstance(value, FilesValue)}
