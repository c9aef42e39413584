"""What keeps a run repeatable: schemathesis and Hypothesis lean on things that the seed does not govern."""

import contextlib
import tempfile
from collections.abc import Iterator

import hypothesis.configuration
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis.resources.repository import EXAMPLE_DRAW_PERIOD
from schemathesis.specs.openapi.extra_data_source import OpenApiExtraDataSource, VariantUsageTracker


@contextlib.contextmanager
def apart_from_this_process() -> Iterator[None]:
    """
    Let Hypothesis draw nothing from the process it runs in, and leave nothing in the working folder.

    Now and then it draws a constant that it found in the source files which happen to be imported: a seed
    would give other requests under pytest, in a checkout, and once the mock is installed.
    """
    find_constants, cache = providers._get_local_constants, dict(providers.CONSTANTS_CACHE.cache)
    with tempfile.TemporaryDirectory(prefix="mockserver-fuzz-") as folder:
        providers._get_local_constants = Constants
        providers.CONSTANTS_CACHE.cache.clear()
        hypothesis.configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            hypothesis.configuration.set_hypothesis_home_dir(None)
            providers._get_local_constants = find_constants
            providers.CONSTANTS_CACHE.cache.clear()
            providers.CONSTANTS_CACHE.cache.update(cache)


def steady(source: OpenApiExtraDataSource) -> None:
    """
    Let what is drawn from earlier answers depend on the seed alone, not on what was drawn before.

    Schemathesis draws less often what it drew lately, and examples of the contract every fifth time. A
    scenario that is drawn again then asks for something else; Hypothesis takes that for flaky, and the
    stateful phase ends without a word, in six of eight seeds long before its end (schemathesis 4.32.5).
    """
    source.usage_tracker = _Forgetful()
    for name in {requirement.resource_name for requirement in source.requirements.values()}:
        for _ in range(EXAMPLE_DRAW_PERIOD):
            for instance in source.repository.iter_instances(name):
                instance.from_example = False


class _Forgetful(VariantUsageTracker):
    def record_draw(self, variant_key: str) -> None:
        pass
