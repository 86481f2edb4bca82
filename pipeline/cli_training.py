"""The flags of ``plan`` that say how a network is trained."""

from dataclasses import dataclass, fields
from typing import Annotated

from cyclopts import Parameter

from analytics.errors import InputError
from pipeline.contracts import Method, Training


@Parameter(name="*")
@dataclass(frozen=True)
class TrainingFlags:
    """Training of a network (causal, encoder); a flag that is not given leaves the kind's own default."""

    method: Annotated[
        Method | None,
        Parameter(help="Adapters (lora), adapters on four-bit weights (qlora), or all weights (full)."),
    ] = None
    epochs: Annotated[float | None, Parameter(help="Passes over the training rows.")] = None
    max_steps: Annotated[int | None, Parameter(help="Optimizer steps at most, instead of passes.")] = None
    learning_rate: Annotated[float | None, Parameter(help="Highest learning rate.")] = None
    batch_size: Annotated[int | None, Parameter(help="Examples an optimizer step.")] = None
    lora_rank: Annotated[int | None, Parameter(help="Rank of the adapters.")] = None
    max_tokens: Annotated[int, Parameter(help="Tokens of input and answer; longer examples are left out.")] = 1024
    keep_prompt: Annotated[bool, Parameter(help="Keep the constant prompt text in training and serving.")] = False
    objective_weight: Annotated[float, Parameter(help="Weight of the objective's own loss, 0 to 1.")] = 0.5
    temperature: Annotated[float, Parameter(help="Softens distributions that are compared.")] = 1.0
    divergence: Annotated[float, Parameter(help="0 forward KL, 1 reverse KL, between: Jensen-Shannon.")] = 0.0
    teacher_base: Annotated[str | None, Parameter(help="A local teacher, by name or folder (objective logits).")] = None
    gradient_checkpointing: Annotated[bool, Parameter(help="Less memory, a third more time.", negative="")] = False
    micro_tokens: Annotated[int | None, Parameter(help="Padded tokens worked on at once; memory goes with it.")] = None
    general_mix: Annotated[float, Parameter(help="General examples for each example of the task, 0 to 10.")] = 0.0
    general_data: Annotated[str | None, Parameter(help="JSONL with input and output instead of the shipped ones.")] = (
        None
    )

    def training(self) -> Training:
        """The contract's form. Raises InputError that names the flag."""
        self._check()
        return Training(**{field.name: getattr(self, field.name) for field in fields(self)})

    def _check(self) -> None:
        above_zero = ("epochs", "max_steps", "learning_rate", "batch_size", "lora_rank", "max_tokens", "temperature")
        for name in (*above_zero, "micro_tokens"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise InputError(f"--{name.replace('_', '-')} is a number above 0, not {value}")
        if not 0 <= self.general_mix <= 10:
            raise InputError(f"--general-mix is a number from 0 to 10, not {self.general_mix}")
        for name in ("objective_weight", "divergence"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"--{name.replace('_', '-')} is a number from 0 to 1, not {getattr(self, name)}")
