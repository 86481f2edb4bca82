"""``spiritsafe report``: documents from the command line."""

import json

import pytest


def test_a_task_as_markdown_on_stdout_and_as_a_file(spiritsafe, mail_home, tmp_path):
    (task,) = json.loads(spiritsafe("tasks", "--home", mail_home, "--json").stdout)
    shown = spiritsafe("report", task["task_id"], "--home", mail_home)
    assert shown.returncode == 0 and shown.stdout.lstrip().startswith(f"# {task['name']}: ")
    out = tmp_path / "brief.pdf"
    made = spiritsafe("report", task["name"], "--set", "engineer_weeks=3", "--out", out, "--home", mail_home, "--json")
    document = json.loads(made.stdout)
    assert out.read_bytes().startswith(b"%PDF") and document["bytes"] == out.stat().st_size
    assert document["provenance"]["command"].endswith("--set engineer_weeks=3 --out brief.html")
    assert {"figures", "changes", "step", "promise", "beside_money", "waterfall", "break_even_band"} <= set(document)


def test_the_portfolio_under_limits(spiritsafe, mail_home, tmp_path):
    out = tmp_path / "portfolio.html"
    made = spiritsafe("report", "--portfolio", "--engineers", "1", "--budget", "50000", "--out", out, "--home",
                      mail_home, "--json")  # fmt: skip
    found = json.loads(made.stdout)
    assert out.read_text().lstrip().startswith("<!doctype html>")
    assert found["engineer_weeks_limit"] == 13 and found["budget_usd"] == 50_000
    assert found["engineer_weeks"] <= 13 and found["one_off_usd"] <= 50_000
    assert {"mean", "p5", "p50", "p95", "p_loss"} <= set(found["total"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report"], "either a task or --portfolio"),
        (["report", "x", "--portfolio"], "either a task or --portfolio"),
        (["report", "x", "--out", "brief.docx"], ".html, .pdf or .md"),
        (["report", "--portfolio", "--set", "engineer_weeks=1"], "leave out --portfolio"),
        (["report", "--portfolio", "--budget", "-5"], "--budget is a number from 0"),
    ],
)
def test_what_cannot_be_made_is_a_usage_error(spiritsafe, mail_home, arguments, said):
    result = spiritsafe(*arguments, "--home", mail_home)
    assert result.returncode == 2 and said in " ".join(result.stderr.split()), result.stderr
