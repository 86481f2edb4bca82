"""Files that schedule: what they run, when, and that other programs read them."""

import configparser
import shlex
import subprocess
from datetime import date
from pathlib import Path

import pytest
import yaml

from analytics.errors import UnknownName
from pipeline.reevaluation.due import next_due
from pipeline.reevaluation.schedule import schedule

HOME = Path("/srv/our logs/100%")


@pytest.mark.parametrize(
    ("every", "when"), [("week", "17 6 * * 1"), ("month", "17 6 1 * *"), ("quarter", "17 6 1 1,4,7,10 *")]
)
def test_a_cron_line_runs_the_command_on_the_workspace(every, when):
    ((name, text),) = schedule("cron", every, "/opt/bin/spiritsafe", HOME).items()
    (line,) = [row for row in text.splitlines() if not row.startswith("#")]
    assert name == "spiritsafe.cron" and line.startswith(when)
    command = line.removeprefix(when).replace(r"\%", "%")
    assert shlex.split(command)[:4] == ["/opt/bin/spiritsafe", "reeval", "--home", str(HOME)]
    assert "%" not in line.replace(r"\%", "")


def test_the_line_of_cron_is_a_command_that_a_shell_runs(tmp_path):
    home = tmp_path / "our logs"
    home.mkdir()
    (text,) = schedule("cron", "week", "echo", home).values()
    line = text.splitlines()[1].split(" ", 5)[5].replace(r"\%", "%")
    assert subprocess.run(["sh", "-c", line], check=False).returncode == 0
    assert (home / "reeval.log").read_text().strip() == f"reeval --home {home}"


def test_units_of_systemd():
    files = schedule("systemd", "quarter", "/opt/bin/spiritsafe", HOME)
    service, timer = (configparser.ConfigParser(interpolation=None) for _ in files)
    service.optionxform = timer.optionxform = str
    service.read_string(files["spiritsafe-reeval.service"])
    timer.read_string(files["spiritsafe-reeval.timer"])
    assert service["Service"]["ExecStart"] == '/opt/bin/spiritsafe reeval --home "/srv/our logs/100%%"'
    assert timer["Timer"]["OnCalendar"] == "*-01,04,07,10-01 06:17:00" and timer["Timer"]["Persistent"] == "true"


def test_a_workflow_of_ci_is_yaml_that_looks_and_then_fails():
    (text,) = schedule("ci", "month", "spiritsafe", HOME).values()
    found = yaml.safe_load(text)
    steps = found["jobs"]["reeval"]["steps"]
    assert found[True]["schedule"] == [{"cron": "17 6 1 * *"}]  # YAML reads on: as true
    assert "spiritsafe reeval --json" in steps[0]["run"] and steps[-1]["run"].endswith("--strict")
    assert "self-hosted" in found["jobs"]["reeval"]["runs-on"]


@pytest.mark.parametrize(("kind", "every"), [("at", "month"), ("cron", "hour")])
def test_what_is_unknown_is_refused(kind, every):
    with pytest.raises(UnknownName):
        schedule(kind, every, "spiritsafe", HOME)


def test_due_in_a_quarter_or_before_what_is_dated():
    today = date(2026, 11, 25)
    assert next_due(today, []).on == "2027-02-24"
    assert next_due(today, [("2026-01-01", "past")]).on == "2027-02-24"
    due = next_due(today, [("2027-03-01", "gpt-x leaves"), ("2028-01-01", "far")])
    assert (due.on, due.why) == ("2026-12-31", "gpt-x leaves on 2027-03-01")
    assert next_due(today, [("2026-12-01", "soon")]).on == "2026-12-02"  # there is time to act
