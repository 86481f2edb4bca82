"""The tables of a brief."""

from typing import Any

from analytics.amounts import amount, said
from analytics.brief import Brief
from analytics.changes import Change
from analytics.reports import present
from analytics.reports.blocks import Table
from analytics.reports.looks import look

EVPPI_ROWS = 4
DEFAULTS_NAMED = 5
LEAST_WAIT_MS = 0.1
TURNS_NOTE = "All else as it is; the value is that over 24 months. Verdicts are those of the rule, scanned."
REFUSED_NOTE = (
    "No input turns the verdict: data, licence or the task itself stand against it. The value turns as shown."
)
NO_TURN = "No single input turns the answer within its range."


def options(found: Brief) -> Table:
    """Every option, doing nothing and a cheaper model among them."""
    money = found.figures
    student = (
        "distil", present.usd(money["npv_24m_p50_usd"]), present.usd(money["npv_24m_p5_usd"]),
        present.usd(money["one_off_usd"]), present.MISSING, present.MISSING, "simulated on S*",
    )  # fmt: skip
    rows = [student, *(_option(one) for one in found.alternatives)]
    header = (
        "option",
        "worth, 24 months",
        "5th percentile",
        "one-off",
        "off the bill",
        "beats distilling",
        "basis",
    )
    note = "Options that change answers count only once somebody has tested them."
    return Table("The options, doing nothing among them", header, tuple(rows), note)


def _option(one: dict[str, Any]) -> tuple[str, ...]:
    wins = one["beats_student_share"]
    return (
        one["name"],
        present.usd(one["npv_24m_usd"]),
        present.usd(one["npv_24m_p5_usd"]),
        present.usd(one["one_off_usd"]),
        present.percent(one["saved_share"]),
        present.MISSING if wins is None else f"{present.percent(wins)} of cases",
        one["basis"],
    )


def turns(found: Brief) -> Table:
    """Each input with the value at which the verdict turns and the one at which the value changes sign."""
    rows = tuple(
        (present.words(one.code), amount(one.value, one.unit), _verdict_turns(one), _sign_turns(one))
        for one in found.changes
        if one.value is not None
    )
    header = ("if this changes", "from", "verdict turns at", "value changes sign at")
    return Table("Where the answer turns", header, rows, _turns_note(found, bool(rows)))


def _turns_note(found: Brief, has_rows: bool) -> str:
    if found.is_refused:
        return REFUSED_NOTE
    return TURNS_NOTE if has_rows else NO_TURN


def _verdict_turns(one: Change) -> str:
    if one.verdict_turn is None or one.turns_to is None:
        return present.MISSING
    return f"{amount(one.verdict_turn, one.unit)}: {look(one.turns_to).label.lower()}"


def _sign_turns(one: Change) -> str:
    turn = amount(one.turn, one.unit) if one.turn is not None else present.MISSING
    return f"{turn}, foretold for {present.day_and_year(one.on)}" if one.on else turn


def surface(found: Brief) -> Table:
    """From which spend it pays, by the share handed back: where the median value changes its sign."""
    grid = found.surface
    width = len(grid.x.values)
    now = min(range(width), key=lambda place: abs(grid.x.values[place] - grid.x.now))
    rows = tuple(
        (amount(one.y, grid.y.unit), " and ".join(amount(x, grid.x.unit) for x in one.x) or "nowhere on the grid",
         present.percent(grid.points[place * width + now].p_break_even_24m))
        for place, one in enumerate(grid.boundary)
    )  # fmt: skip
    header = (said(grid.y.name), f"value changes sign at a {said(grid.x.name)} of", "breaks even in 24 months, as now")
    caption = f"Where it pays, by {said(grid.x.name)} and {said(grid.y.name)}"
    return Table(caption, header, rows, f"Scanned at {len(grid.points)} points, {grid.draws:,} draws at each.")


def serving(found: Brief) -> Table:
    """What could serve the student; the first is taken."""
    rows = tuple(
        (
            fleet["name"],
            str(fleet["machines"]) if fleet["machines"] else present.MISSING,
            present.usd(fleet["usd_per_month"]),
            present.milliseconds(fleet["latency_ms"]),
            _wait(fleet["wait_ms"]),
        )
        for fleet in found.figures["serving_options"]
    )
    header = ("served by", "machines", "a month", "one call", "wait in the peak minute")
    return Table("Ways to serve the student, the cheapest that is fast enough first", header, rows)


def _wait(wait_ms: float | None) -> str:
    return "none" if wait_ms is not None and wait_ms < LEAST_WAIT_MS else present.milliseconds(wait_ms)


def information(found: Brief) -> Table:
    """What knowing more, or waiting, would be worth before deciding."""
    money = found.figures
    pilot = next((one["value"] for one in found.assumptions if one["name"] == "pilot_usd"), None)
    rows = [("everything, beforehand", present.usd(money["evpi_usd"]), "no study is worth more")]
    if "evsi_pilot_usd" in money:
        waiting = money["waiting"]
        rows += [("what a pilot shows", present.usd(money["evsi_pilot_usd"]), f"a pilot costs {present.usd(pilot)}")]
        rows += [(present.words(one["name"]), present.usd(one["evppi_usd"]), "known exactly, at most")
                 for one in money["evppi"][:EVPPI_ROWS] if one["evppi_usd"] >= 1]  # fmt: skip
        against = f"the choice then {present.usd(waiting['worth_usd'])}, now {present.usd(waiting['now_usd'])}"
        rows += [(f"waiting {waiting['months']} months", present.usd(waiting["gain_usd"]), against)]
    return Table("What knowing more is worth before deciding", ("to know", "worth", "against"), tuple(rows))


def inputs(found: Brief) -> Table:
    """What was measured on this log or set by a person."""
    told = [one for one in found.assumptions if one["origin"] != "default"]
    ranked = sorted(told, key=lambda one: one["origin"] != "user-set")
    rows = tuple((present.words(one["name"]), amount(one["value"], one["unit"]), _source(one)) for one in ranked)
    return Table("Inputs that were measured or set", ("input", "value", "from"), rows)


def _source(one: dict[str, Any]) -> str:
    """Who says so; of what was measured, the footer names the log and its days."""
    return one["origin"] if one["origin"] == "measured" or not one["source"] else f"{one['origin']}: {one['source']}"


def defaulted(found: Brief) -> str:
    """How much of the verdict is a default, and which defaults matter most."""
    plain = [one["name"] for one in found.assumptions if one["origin"] == "default"]
    named = [driver["name"] for driver in found.tornado if driver["name"] in plain][:DEFAULTS_NAMED]
    largest = f"; the ones that move the value most: {', '.join(map(present.words, named))}" if named else ""
    known = len(found.assumptions) - len(plain)
    return f"{known} inputs are measured or set, {len(plain)} are at their default{largest}."
