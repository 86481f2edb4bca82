"""docs/commands.md says what the commands say of themselves, and they leave nothing out."""

import re
import shlex

from tests.conftest import ROOT
from tests.support import commands_page
from tests.test_docs import PAGES

PAGE = ROOT / "docs" / "commands.md"


def section(text, command):
    """What the page says of one command, up to the next heading."""
    heading = "#" * (1 + command.count(" ")) + f" {command}\n"
    assert heading in text, f"{command} is missing from docs/commands.md; make it again: make docs"
    return text.split(heading, 1)[1].split("\n#", 1)[0]


def test_the_page_is_what_the_commands_say():
    assert PAGE.read_text() == commands_page.page(), "make it again: make docs"


def test_every_command_has_its_section():
    found = [name for name, _ in commands_page.commands(commands_page.spiritsafe.build())]
    assert len(found) > 50
    assert all(section(PAGE.read_text(), name) for name in found)


def test_every_option_stands_in_the_section_of_its_command_with_a_sentence():
    found, text = list(commands_page.options()), PAGE.read_text()
    assert len(found) > 150
    missing = [one for one in found if not any(name in section(text, one.command) for name in one.names)]
    assert not missing
    assert not [(one.command, one.names) for one in found if not one.help.strip()]


def test_what_is_hidden_stays_hidden():
    assert "runs exec" not in PAGE.read_text()


def shown_lines():
    """Page and words of every command in a fenced block of the documents, comments and pipes cut off."""
    for page in PAGES:
        for block in re.findall(r"^ *```\w*\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL):
            for line in re.findall(r"^\s*(?:\$ |nice |\.venv/bin/)*(spiritsafe .*)$", block, re.MULTILINE):
                words = re.split(r"\s#|\s[|>]|;", line)[0]
                yield page.name, shlex.split(words)


def test_every_option_that_a_document_shows_is_one_of_its_command():
    names = {name for name, _ in commands_page.commands(commands_page.spiritsafe.build())}
    known = {name: set() for name in names}
    for one in commands_page.options():
        known[one.command] |= set(one.names)
    shown = [row for row in shown_lines() if row[0] != "commands.md"]
    assert len(shown) > 60
    wrong = []
    for page, words in shown:
        two = " ".join(words[:3])
        command = two if two in names else " ".join(words[:2])
        options = [word.split("=")[0] for word in words if word.startswith("--") and word != "--"]
        wrong += [(page, command, option) for option in options if option not in known[command] | {"--help"}]
    assert not wrong
