"""Files that make a machine re-evaluate by itself: a cron line, a systemd timer, a CI workflow. Pure texts."""

from pathlib import Path
from typing import Literal, get_args

from analytics.errors import UnknownName

Kind = Literal["cron", "systemd", "ci"]
Every = Literal["week", "month", "quarter"]
HOUR, MINUTE = 6, 17  # not on the hour, when everybody's jobs start
CRON = {
    "week": f"{MINUTE} {HOUR} * * 1",
    "month": f"{MINUTE} {HOUR} 1 * *",
    "quarter": f"{MINUTE} {HOUR} 1 1,4,7,10 *",
}
CALENDAR = {
    "week": f"Mon *-*-* {HOUR:02}:{MINUTE:02}:00",
    "month": f"*-*-01 {HOUR:02}:{MINUTE:02}:00",
    "quarter": f"*-01,04,07,10-01 {HOUR:02}:{MINUTE:02}:00",
}


def schedule(kind: str, every: str, command: str, home: Path) -> dict[str, str]:
    """Files by name. command: the program, as this machine finds it. Raises UnknownName."""
    if kind not in get_args(Kind):
        raise UnknownName("schedule", kind, get_args(Kind))
    if every not in CRON:
        raise UnknownName("interval", every, CRON)
    if kind == "cron":
        return {"spiritsafe.cron": _cron(every, command, home)}
    return _systemd(every, command, home) if kind == "systemd" else {"spiritsafe-reeval.yml": _ci(every)}


def _cron(every: str, command: str, home: Path) -> str:
    log = _quoted(str(home / "reeval.log"))
    line = f"{CRON[every]} {_quoted(command)} reeval --home {_quoted(str(home))} >> {log} 2>&1"
    return (
        f"# Re-evaluates every {every}; install with: crontab -l | cat - spiritsafe.cron | crontab -\n"
        f"{line.replace('%', chr(92) + '%')}\n"  # cron ends a command at a bare per cent sign
    )


def _systemd(every: str, command: str, home: Path) -> dict[str, str]:
    program, folder = (text.replace("%", "%%") for text in (_unit(command), _unit(str(home))))
    service = (
        "[Unit]\nDescription=spiritsafe: what changed since the last verdicts, and what to do\n\n"
        f"[Service]\nType=oneshot\nNice=10\nExecStart={program} reeval --home {folder}\n"
    )
    timer = (
        f"[Unit]\nDescription=spiritsafe: re-evaluate every {every}\n\n"
        f"[Timer]\nOnCalendar={CALENDAR[every]}\nPersistent=true\nRandomizedDelaySec=10min\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )
    return {"spiritsafe-reeval.service": service, "spiritsafe-reeval.timer": timer}


def _ci(every: str) -> str:
    """A workflow for a runner of your own, which sees the workspace: a hosted one has no log to look at."""
    return f"""name: spiritsafe re-evaluation
on:
  schedule:
    - cron: "{CRON[every]}"
  workflow_dispatch:
permissions:
  contents: read
concurrency: spiritsafe-reeval
jobs:
  reeval:
    runs-on: [self-hosted, spiritsafe]
    env:
      SPIRITSAFE_HOME: ${{{{ vars.SPIRITSAFE_HOME }}}}
    steps:
      - name: What changed, and what to do
        run: |
          spiritsafe reeval --json > reeval.json
          spiritsafe reeval show newest >> "$GITHUB_STEP_SUMMARY"
      - name: Fail where something is to be done
        run: spiritsafe reeval show newest --strict
"""


def _quoted(text: str) -> str:
    """For a shell."""
    import shlex

    return shlex.quote(text)


def _unit(text: str) -> str:
    """For ExecStart, which splits at spaces unless quoted."""
    return f'"{text}"' if " " in text else text
