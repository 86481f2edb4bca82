"""Each base names its licence, as its own package states it."""

import pytest

from pipeline import bases
from pipeline.students import kinds


@pytest.mark.parametrize(("kind", "features"), sorted(bases.PACKAGES))
def test_every_base_is_installed_and_states_its_licence(kind, features):
    assert kind in kinds()
    base = bases.base_of(kind, features)
    assert base.name == bases.base_name(kind, features)
    assert base.version and base.licence not in ("", "not stated")
    assert "\n" not in base.licence


def test_a_kind_without_pre_trained_weights_has_no_base():
    assert bases.base_of("lookup", "static") is None
