"""Is the router fit to serve? Each student is asked for a real answer: a process that lives may still hang."""

import asyncio
import time
from typing import Any

from pipeline.router.batching import StudentBusy, StudentFailed
from pipeline.router.desk import Desk
from pipeline.router.shelf import Serving

PROBE = "Are you there?"
LIMIT_S = 1.0


async def check(desk: Desk) -> dict[str, Any]:
    """``ok`` when every student answered within a second, ``degraded`` when the teacher has to stand in for one."""
    tasks = sorted(desk.shelf.by_task.items())
    found = await asyncio.gather(*(_probe(serving) for _, serving in tasks))
    students = [
        {"task_id": task, "student_id": serving.policy.student_id, **one}
        for (task, serving), one in zip(tasks, found, strict=True)
    ]
    is_well = all(one["is_well"] for one in students)
    return {
        "status": "ok" if is_well else "degraded",
        "students": students,
        "teacher": "resting" if desk.upstream.breaker.is_open else "ok",
        "journal_rows_dropped": desk.journal.dropped,
    }


async def _probe(serving: Serving) -> dict[str, Any]:
    """One real answer, past the breaker, so that a student that is back is seen to be."""
    began_s = time.perf_counter()
    try:
        await asyncio.wait_for(serving.batcher.ask(PROBE), LIMIT_S)
        error = None
    except TimeoutError:
        error = f"no answer within {LIMIT_S:g} s"
    except (StudentBusy, StudentFailed) as failure:
        error = str(failure)
    return {"is_well": error is None, "error": error, "ms": round((time.perf_counter() - began_s) * 1000, 1)}
