"""Prints ``docs/commands.md`` from the commands' own help: ``python -m tests.support.commands_page > docs/commands.md``."""

import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

from cyclopts import App

import spiritsafe

HEAD = """# Commands

Every command and option, printed from the commands' own help by `make docs`; a test holds both equal. stdout is data and
stderr progress; `--json` prints one JSON document on any command; `--home DIR` or `SPIRITSAFE_HOME` names the workspace.

A command ends with 0 when all is well, 1 after a failure, 2 where it was called wrongly, 3 where data is missing, stale
or does not fit the machine, 4 where a quality gate failed or (with `--strict`) something is to be done, 5 when a budget
cap was reached, 6 where another process holds what it needs, 130 when it was interrupted.

"""


class Option(NamedTuple):
    """One argument or option of a command."""

    command: str
    names: tuple[str, ...]
    help: str


def page() -> str:
    """The whole page."""
    text = spiritsafe.build().generate_docs(output_format="markdown", usage_name="spiritsafe")
    _, _, rest = text.partition("\n")
    lines = rest.lstrip().replace("```console", "```").rstrip().split("\n")
    return HEAD + "\n".join(_without_program(lines)) + "\n"


def _without_program(lines: list[str]) -> Iterator[str]:
    """Lines of usage without the name of the program that prints them, which cyclopts puts behind the command."""
    heading = "spiritsafe"
    for line in lines:
        if line.startswith("#"):
            heading = line.lstrip("# ")
        is_usage = line.startswith(f"{heading} ")
        yield re.sub(rf"^{heading} .*?(COMMAND|\[OPTIONS\])", rf"{heading} \1", line) if is_usage else line


def commands(app: App, path: tuple[str, ...] = ("spiritsafe",)) -> Iterator[tuple[str, App]]:
    """Every command that is shown, by its full name."""
    for name in app:
        one = app[name]
        if name.startswith("-") or not one.show:
            continue
        yield " ".join([*path, name]), one
        yield from commands(one, (*path, name))


def options() -> Iterator[Option]:
    """Every option of every command that is shown."""
    for name, command in commands(spiritsafe.build()):
        if command.default_command is None:
            continue
        for one in command.assemble_argument_collection(parse_docstring=True):
            if one.show:
                yield Option(name, tuple(one.names), one.parameter.help or "")


if __name__ == "__main__":
    sys.stdout.write(page())
