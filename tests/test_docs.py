"""What the documents promise: commands that exist, links that lead somewhere, every folder and registry described."""

import re

import pytest

from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").rglob("*.md")])


def commands(text):
    """Commands in fenced blocks and in code within a line; prose that starts with the name is no command."""
    fenced = "\n".join(re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    found = re.findall(r"^\s*(?:\$ )?spiritsafe ([a-z]+)", fenced, re.MULTILINE) + re.findall(
        r"`spiritsafe ([a-z]+)", text
    )
    return sorted(set(found))


def test_the_readme_shows_commands():
    assert len(commands((ROOT / "README.md").read_text())) >= 8


def test_every_command_of_the_documents_exists(spiritsafe):
    shown = spiritsafe("--help").stdout
    for page in PAGES:
        for command in commands(page.read_text()):
            assert re.search(rf"^│ {command}\b", shown, re.MULTILINE), (page.name, command)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page):
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_what_if_of_the_readme_runs(spiritsafe, tmp_path):
    (line,) = re.findall(r"`spiritsafe (whatif --set [^`]+)`", (ROOT / "README.md").read_text())
    assert spiritsafe(*line.split(), "--home", tmp_path).returncode == 0


def test_every_module_of_a_room_starts_with_what_it_is_for():
    modules = [path for room in ("analytics", "pipeline", "dashboard") for path in (ROOT / room).rglob("*.py")]
    assert len(modules) > 80
    assert not [path for path in modules if not path.read_text().lstrip().startswith('"""')]


def test_no_document_names_a_machine_or_a_package_registry():
    for page in PAGES:
        assert not re.search(r"(?<![\w.~])/(work|tmp|root|home)/\w|pypi\.|pythonhosted", page.read_text()), page


def test_sources_of_shipped_data_name_their_licence():
    for folder in ("samples", "prices"):
        assert re.search("licen[cs]e", (ROOT / "data" / folder / "README.md").read_text(), re.IGNORECASE)
