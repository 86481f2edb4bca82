"""The training loop: steps of AdamW that survive kills, spikes, full memory and full disks.

One optimizer step is one batch of examples, cut into micro-batches of one prefix and a bounded padded size. On a CPU
a resumed run ends with the same bits as one that was never stopped.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analytics.errors import SpiritsafeError
from pipeline import training_events
from pipeline.students.neural import checkpoints, guard
from pipeline.students.neural.checkpoints import Progress
from pipeline.students.neural.examples import Corpus, batches_of, group_tokens, micro_batches, order_hash
from pipeline.students.neural.forward import Batch, collate
from pipeline.students.neural.group import ALONE, Group

WARM_UP = 0.05  # share of all steps over which the learning rate rises; then a cosine down to a tenth
LAST_RATE = 0.1
CLIP = 1.0  # length that gradients are cut to
MEMORY_TRIES = 3

Loss = Callable[[Any, Batch], Any]


@dataclass(frozen=True)
class Options:
    """What a loop needs to know beside model, examples and loss."""

    steps: int
    batch_size: int
    learning_rate: float
    seed: int
    token_budget: int  # padded tokens of one micro-batch
    weight_decay: float = 0.0
    save_every_s: float = 60.0
    scratch: Path | None = None
    events: Path | None = None
    precision: str = "float32"
    usd_per_hour: float | None = None  # rent of the machine; None: not known
    paid_usd: float | None = None  # what the run has paid others [USD]
    group: Group = ALONE  # the processes that train together
    tell: tuple[Callable[[int, dict[str, Any]], None], ...] = ()  # called with step and event, beside the file
    say: Callable[[str], None] = print


@dataclass(frozen=True)
class Outcome:
    """What training was like."""

    steps: int
    loss: float  # mean of the last tenth of the steps
    tokens: int  # useful tokens seen
    seconds: float  # of this worker
    tokens_per_s: float  # of this worker
    rollbacks: int


def train(model: Any, corpus: Corpus, loss_of: Loss, options: Options) -> Outcome:
    """Train until ``options.steps``, from the newest verified checkpoint if there is one."""
    run = _Run(model, corpus, loss_of, options)
    run.resume()
    while run.progress.step < options.steps:
        run.step()
    return run.outcome()


def rate_at(step: int, steps: int, peak: float) -> float:
    """Learning rate of a step: linear warm-up, then a cosine down to a tenth of the peak.

    >>> rate_at(0, 100, 1.0) < rate_at(4, 100, 1.0) == 1.0 > rate_at(99, 100, 1.0) > 0.1
    True
    """
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return peak * (step + 1) / warm
    share = (step - warm) / max(1, steps - warm)
    return peak * (LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * share)))


class _Run:
    """The state of one training; everything that must survive is in ``progress`` and the checkpoint."""

    def __init__(self, model: Any, corpus: Corpus, loss_of: Loss, options: Options) -> None:
        import torch

        self.model, self.corpus, self.loss_of, self.options = model, corpus, loss_of, options
        self.parameters = list(checkpoints.trainable(model).values())
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=options.learning_rate, betas=(0.9, 0.99), weight_decay=options.weight_decay
        )
        self.epoch_steps = math.ceil(len(corpus.examples) / options.batch_size)
        self.progress = Progress(0, "", 1.0, 0, (), options.token_budget)
        self.order: list[list[int]] = []
        self.order_epoch = -1
        self.began_s = self.saved_s = time.monotonic()
        self.tokens_here = self.steps_here = 0

    def resume(self) -> None:
        if self.options.scratch is None:
            return
        if self.options.group.leads:
            checkpoints.require_room(self.options.scratch, self.model)
            checkpoints.newest(self.options.scratch)  # removes what is damaged, before the others look
        self.options.group.wait()
        found = checkpoints.newest(self.options.scratch)
        if found is not None:
            self.progress = checkpoints.load(found, self.model, self.optimizer)
            self.options.say(f"training goes on at step {self.progress.step} of {self.options.steps}")

    def step(self) -> None:
        """One optimizer step, and what must happen around it."""
        places = self._places()
        loss, norm = self._clipped(self._with_less_memory(places))
        guard.require_finite(self.progress.step, loss, norm)
        rate = rate_at(self.progress.step, self.options.steps, self.options.learning_rate) * self.progress.rate_scale
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self._advance(places, loss, rate, norm)
        if guard.has_diverged(self.progress.losses):
            self._roll_back()
        elif time.monotonic() - self.saved_s > self.options.save_every_s:
            self.save()

    def save(self) -> None:
        if self.options.scratch is not None and self.options.group.leads:
            checkpoints.save(self.options.scratch, self.model, self.optimizer, self.progress)
        self.saved_s = time.monotonic()

    def outcome(self) -> Outcome:
        losses = self.progress.losses[-max(1, self.options.steps // 10) :]
        seconds = time.monotonic() - self.began_s
        mean = sum(losses) / len(losses) if losses else math.nan
        speed = self.tokens_here / seconds if seconds else 0.0
        return Outcome(self.progress.step, mean, self.progress.tokens, seconds, speed, self.progress.rollbacks)

    def _places(self) -> list[int]:
        epoch, within = divmod(self.progress.step, self.epoch_steps)
        if epoch != self.order_epoch:
            self.order = batches_of(self.corpus, self.options.batch_size, self.options.seed, epoch)
            self.order_epoch = epoch
            found = order_hash(self.order)
            if within and self.progress.order != found:
                raise SpiritsafeError("the examples are not those that this training began with; start it afresh")
            self.progress = replace(self.progress, order=found)
        return self.order[within]

    def _with_less_memory(self, places: list[int]) -> float:
        """Gradients of one batch; where memory runs out, in smaller pieces that sum to the same."""
        import torch

        for _ in range(MEMORY_TRIES):
            try:
                return self._gradients(places)
            except (torch.OutOfMemoryError, MemoryError):
                self.optimizer.zero_grad(set_to_none=True)
                self.progress = replace(self.progress, token_budget=max(1, self.progress.token_budget // 2))
                if torch.cuda.is_available():
                    torch.cuda.empty_cache()
                self.options.say(f"out of memory: micro-batches of {self.progress.token_budget} tokens from now on")
        return self._gradients(places)

    def _gradients(self, places: list[int]) -> float:
        import torch

        device, total = self.parameters[0].device, 0.0
        counts = group_tokens(self.corpus, places)
        shares = {group: self.corpus.weights[group] / count for group, count in counts.items()}
        low = self.options.precision != "float32"
        mine = self.options.group.share(places)
        for piece in micro_batches(self.corpus, mine, self.progress.token_budget):
            examples = [self.corpus.examples[place] for place in piece]
            prefix = self.corpus.prefixes[examples[0].prefix]
            batch = collate(examples, prefix, [shares[one.group] for one in examples], device)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=low):
                loss = self.loss_of(self.model, batch)
            loss.backward()
            total += loss.detach().item()
        return total

    def _clipped(self, total: float) -> tuple[float, float]:
        """Loss of the whole batch, and the length of its gradients before they are cut."""
        import torch

        total = self.options.group.add_up(self.parameters, total)
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, CLIP)
        return total, float(norm)

    def _advance(self, places: list[int], loss: float, rate: float, norm: float) -> None:
        tokens = sum(self.corpus.examples[place].tokens for place in places)
        self.tokens_here += tokens
        self.steps_here += 1
        losses = (*self.progress.losses, loss)[-max(2 * guard.WINDOW, self.options.steps // 10) :]
        now = replace(self.progress, step=self.progress.step + 1, losses=losses, tokens=self.progress.tokens + tokens)
        self.progress = now
        self._event(loss, rate, norm)

    def _event(self, loss: float, rate: float, norm: float) -> None:
        if not self.options.group.leads or (self.options.events is None and not self.options.tell):
            return
        seconds = time.monotonic() - self.began_s
        left = (self.options.steps - self.progress.step) * seconds / self.steps_here
        row = {
            "at": time.time(), "step": self.progress.step, "steps": self.options.steps, "loss": round(loss, 6),
            "learning_rate": rate, "gradient_norm": round(norm, 4), "tokens": self.progress.tokens,
            "tokens_per_s": round(self.tokens_here / seconds, 1), "eta_s": round(left, 1),
            "paid_usd": self.options.paid_usd, "machine_usd": self._machine_usd(seconds),
        }  # fmt: skip
        if self.options.events is not None:
            training_events.append(self.options.events, row)
        for tell in self.options.tell:
            tell(self.progress.step, row)

    def _machine_usd(self, seconds: float) -> float | None:
        """Rent of this worker's training so far, over all of its processes [USD]."""
        rent = self.options.usd_per_hour
        return None if rent is None else round(rent * seconds / 3600, 6)

    def _roll_back(self) -> None:
        """Back to before the loss ran away, at half the learning rate."""
        guard.require_rollback_left(self.progress.rollbacks, self.progress.losses)
        scale, count = self.progress.rate_scale / 2, self.progress.rollbacks + 1
        before = self.progress.step - guard.WINDOW
        found = checkpoints.newest(self.options.scratch, before) if self.options.scratch else None
        if found is not None:
            self.progress = checkpoints.load(found, self.model, self.optimizer)
        self.options.group.wait()  # all have read before the first one writes
        self.progress = replace(self.progress, rate_scale=scale, rollbacks=count, losses=())
        self.options.say(f"the loss ran away: back to step {self.progress.step}, learning rate halved")
        self.save()
