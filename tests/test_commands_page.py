"""docs/commands.md says what the commands say of themselves, and they leave nothing out."""

from tests.conftest import ROOT
from tests.support import commands_page

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
