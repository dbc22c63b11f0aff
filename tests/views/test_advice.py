"""What the page of errors says to do."""

import pytest
from fastapi.testclient import TestClient

from catalog.catalogue import Catalogue
from catalog.states import ErrorCategory
from plugins.views.advice import advice_on
from tests.views.reader import read


@pytest.mark.airflow
def test_every_builtin_error_has_advice_of_its_own(
    operator: TestClient, catalogue: Catalogue
) -> None:
    errors = catalogue.queries.failures.by_error()
    own = {advice_on(each.name, each.category, each.description) for each in errors}
    assert all(each.is_builtin for each in errors)
    assert len(own) == len(errors)

    text = read(operator, "/airscale/errors/").text

    assert all(each in text for each in own)


@pytest.mark.parametrize("category", ErrorCategory)
def test_who_describes_an_error_says_what_to_do_and_we_whether_it_is_tried_again(
    category: ErrorCategory,
) -> None:
    bare, described = (advice_on("mine", category, each) for each in (None, "Call Ada."))

    assert described.endswith(("tried again.", "while tries remain."))
    assert bare.startswith(described)
    assert len(bare) > len(described)
