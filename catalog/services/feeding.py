"""Giving a job its data: recipe inputs, and what its parents made."""

from collections.abc import Iterable, Mapping

from catalog.records.configuration import JobTypeRecord
from catalog.records.work import JobRecord
from catalog.services.inputs import given_files
from catalog.services.resources import resources_of
from catalog.stores.unit_of_work import UnitOfWork
from schemas.job_data import FilesValue, JobData, PropertyValue
from schemas.job_interface import JobInterface
from schemas.recipe_data import RecipeData
from schemas.recipe_definition import RecipeJob


def job_data_of(
    place: RecipeJob,
    data: RecipeData,
    parents: Mapping[str, Mapping[str, FilesValue]],
    outputs: Iterable[str],
) -> JobData:
    """Return the data of a job of a recipe: recipe inputs, and outputs of its parents.

    Parameters
    ----------
    parents
        Name of the parent job to its output files by output name. An optional output that was not
        produced is left out, and so is the input it would have fed.
    outputs
        The names of the outputs of the job.
    """
    inputs: dict[str, PropertyValue | FilesValue] = {
        link.job_input: data.inputs[link.recipe_input]
        for link in place.recipe_inputs
        if link.recipe_input in data.inputs
    }
    for dependency in place.dependencies:
        for link in dependency.connections:
            produced = parents.get(dependency.name, {}).get(link.output)
            if produced is not None:
                inputs[link.input] = produced
    workspaces = {} if data.workspace_id is None else dict.fromkeys(outputs, data.workspace_id)
    return JobData(inputs=inputs, output_workspaces=workspaces)


def output_names(job_type: JobTypeRecord) -> list[str]:
    """Return the names of the outputs of a job type."""
    return [each.name for each in JobInterface.parse(job_type.interface).outputs]


def give_data(tx: UnitOfWork, job: JobRecord, job_type: JobTypeRecord, data: JobData) -> JobRecord:
    """Give a job its data and the resources that follow from its input files.

    The files are checked where they are asked for and again where the job begins, not here: what
    is wrong with the input of a job must not fail its parent.
    """
    files = [file for each in given_files(tx, data.inputs).values() for file in each]
    need = resources_of(job_type, files)
    return tx.jobs.update(
        job.id,
        {
            "data": data.to_json(),
            "disk_in_required": need.disk_in,
            "disk_out_required": need.disk_out,
        },
    )
