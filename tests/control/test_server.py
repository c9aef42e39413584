"""What everybody may know of a mock."""

from mockserver.contract.loading.document import parse
from tests.conftest import SHIPPED


def test_the_version_is_told_with_that_of_the_contract(default):
    found = default.get_version()

    assert found["contract"] == "ScaiLabs administration API"
    assert found["contract_version"] == "1.0.0"
    assert found["version"] == default.get_health()["version"]


def test_the_contract_that_is_mocked_is_given_in_both_ways(default):
    assert default.get_contract() == parse(SHIPPED.read_bytes())
    assert default.get_contract_as_yaml() == SHIPPED.read_text()


def test_the_keys_of_tokens_are_published(default):
    (key,) = default.get_key_set()["keys"]

    assert key["alg"] == "RS256"
