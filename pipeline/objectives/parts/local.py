"""A teacher on this machine: read once, never trained."""

from functools import lru_cache
from typing import Any

from analytics.errors import InputError


@lru_cache(maxsize=1)
def local_teacher(name: str, device: str) -> Any:
    """The teacher's network on a device."""
    from pipeline.base_models import find_base
    from pipeline.students.neural.weights import read_weights

    return read_weights(find_base(name)).to(device).eval().requires_grad_(False)


def require_same_vocabulary(student: int, teacher: int) -> None:
    """Raises InputError where the two do not read the same token ids."""
    if student != teacher:
        raise InputError(
            f"the teacher's vocabulary has {teacher:,} tokens and the student's {student:,}: they do not read the same "
            "tokens, so they cannot be compared token by token; choose a teacher of the student's family"
        )
