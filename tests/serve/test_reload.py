"""Following edits, in process: what comes between a look at the files and the next."""

import asyncio
from pathlib import Path

from mockserver.serve.assembly import Setup, assemble
from mockserver.serve.reload import Current, follow

CONTRACT = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
x-mock: {fixtures: fixtures, collections: {things: Thing}}
paths: {/things: {get: {responses: {'200': {description: All}}}}}
components: {schemas: {Thing: {type: object}}}
"""
PATIENCE = 30  # seconds


def test_a_folder_that_comes_back_while_its_absence_is_told_is_followed_again(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(CONTRACT)
    (tmp_path / "fixtures" / "demo").mkdir(parents=True)
    (tmp_path / "fixtures" / "demo" / "things.yaml").write_text("- {id: a}\n")
    setup = Setup(contract=tmp_path / "openapi.yaml")
    said: list[str] = []

    async def edit() -> None:
        reloaded = asyncio.Event()

        def say(text: str) -> None:
            said.append(text)
            if "cannot be used" in text:
                (tmp_path / "away").rename(tmp_path / "fixtures")
            else:
                reloaded.set()

        following = asyncio.create_task(follow(Current(assemble(setup)), setup, say))
        await asyncio.sleep(0)  # it looks at the files before it waits
        (tmp_path / "fixtures").rename(tmp_path / "away")
        await asyncio.wait_for(reloaded.wait(), PATIENCE)
        following.cancel()

    asyncio.run(edit())

    assert said[-1] == "things.yaml changed; reloaded."
