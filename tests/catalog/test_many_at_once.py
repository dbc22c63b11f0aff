"""What Strike asks for is as much as has arrived: more than a statement may have parameters."""

from catalog.catalogue import Catalogue

MORE_THAN_PARAMETERS = 70_000
"""A statement of PostgreSQL has at most 65,535."""


def test_any_number_of_names_and_paths_is_looked_up(catalogue: Catalogue) -> None:
    many = [f"file-{number}.dat" for number in range(MORE_THAN_PARAMETERS)]

    with catalogue.database.transaction() as tx:
        assert tx.files.places_of_names({1}, many) == set()
        assert tx.ingests.reserved([1], many) == set()


def test_any_number_of_ingests_is_looked_up(catalogue: Catalogue) -> None:
    assert catalogue.ingests.ends_of(range(1, MORE_THAN_PARAMETERS)) == {}
