"""What a person says of a paid teacher on the command line, and what a plan says back."""

from dataclasses import dataclass

from cyclopts import Parameter
from rich.console import Console

from analytics.errors import InputError
from analytics.record import Record
from analytics.terminal import Common, emit
from analytics.workspace import Workspace
from pipeline.contracts import Teaching
from pipeline.teaching.estimate import TeachEstimate
from pipeline.teaching.jobs import job


@Parameter(name="*")
@dataclass(frozen=True)
class TeacherFlags:
    """A paid teacher; without one the log's own answers teach.

    Parameters
    ----------
    teacher
        PROVIDER/MODEL that is paid for what --teach names.
    teacher_url
        Address of an OpenAI-compatible server to ask instead of the provider's.
    teach
        What to ask for, between commas: label, relabel, samples, rationale, logprobs, synthetic.
    samples
        Answers an input, for the job samples.
    teach_rows
        Newest rows that each job asks about [default: all that need it].
    synthetic_rows
        Inputs to be made up, for the job synthetic.
    batch
        Use the provider's batch service: half the price, an answer within a day.
    daily_cap
        Most that all runs together may pay a day [USD].
    least_teacher_accuracy
        A teacher below this, on known answers or against itself, stops the run.
    """

    teacher: str | None = None
    teacher_url: str | None = None
    teach: str | None = None
    samples: int = Teaching.samples
    teach_rows: int | None = None
    synthetic_rows: int = Teaching.synthetic_rows
    batch: bool = False
    daily_cap: float | None = None
    least_teacher_accuracy: float = Teaching.least_accuracy


def teaching_of(flags: TeacherFlags) -> Teaching | None:
    """The plan's teacher; None without one. Raises InputError for flags that do not go together."""
    if flags.teacher is None:
        if flags != TeacherFlags():
            raise InputError("--teach and what goes with it need --teacher PROVIDER/MODEL")
        return None
    jobs = tuple(dict.fromkeys(name.strip() for name in (flags.teach or "").split(",") if name.strip()))
    if not jobs:
        raise InputError("say what the teacher is paid for, e.g. --teach relabel")
    for name in jobs:
        job(name)
    _check(flags, jobs)
    return Teaching(
        flags.teacher,
        flags.teacher_url,
        jobs,
        samples=flags.samples,
        synthetic_rows=flags.synthetic_rows,
        rows=flags.teach_rows,
        use_batch=flags.batch,
        least_accuracy=flags.least_teacher_accuracy,
        daily_cap_usd=flags.daily_cap,
    )


def _check(flags: TeacherFlags, jobs: tuple[str, ...]) -> None:
    if ("synthetic" in jobs) != (flags.synthetic_rows > 0):
        raise InputError("--teach synthetic and --synthetic-rows N go together")
    if flags.samples < 2:
        raise InputError(f"--samples is at least 2, not {flags.samples}")
    if flags.teach_rows is not None and flags.teach_rows < 1:
        raise InputError(f"--teach-rows is at least 1, not {flags.teach_rows}")
    if not 0 <= flags.least_teacher_accuracy <= 1:
        raise InputError(f"--least-teacher-accuracy is a share from 0 to 1, not {flags.least_teacher_accuracy}")
    if flags.daily_cap is not None and not 0 <= flags.daily_cap < float("inf"):
        raise InputError(f"--daily-cap is an amount of USD, not {flags.daily_cap}")
    if flags.batch and not str(flags.teacher).startswith("openai/"):
        raise InputError(f"--batch works with openai/MODEL and servers that speak like it, not with {flags.teacher}")


def show_estimate(console: Console, found: TeachEstimate) -> None:
    """The teacher's line of a plan."""
    console.print(
        f"Teacher  {found.model}: {found.calls:,} calls, {found.input_tokens:,} tokens in, "
        f"{found.output_tokens:,} out, ${found.cost_p50_usd:,.4f} (p90 ${found.cost_p90_usd:,.4f}), "
        f"{found.seconds:,.0f} s; price: {found.price}",
        soft_wrap=True,
        highlight=False,
    )


def cap(usd: float, /, run_id: str | None = None, *, common: Common | None = None) -> None:
    """Set what one run may pay others, or without a run what all runs of the workspace together may pay.

    Parameters
    ----------
    usd
        Most that may be paid [USD].
    run_id
        The run; it goes by the new cap when it is resumed.
    """
    from pipeline import views
    from pipeline.teaching import budget

    common = common or Common()
    workspace: Workspace = common.workspace
    if run_id is None:
        budget.set_total_cap(Record(workspace), usd)
    else:
        views.show_run(workspace, run_id)
        budget.set_run_cap(Record(workspace), run_id, usd)
    what = run_id or "all runs together"
    emit(common, {"run_id": run_id, "cap_usd": usd}, lambda console: console.print(f"{what}: at most ${usd:,.4f}"))
