"""``spiritsafe bases``: the decoders that a student can build on, when they came, what they need, and your own."""

from datetime import date
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console

from analytics.errors import InputError
from analytics.terminal import Common, emit, table
from pipeline.base_add import add_base
from pipeline.base_files import is_here
from pipeline.base_models import BaseModel, find_base, known_bases
from pipeline.base_shapes import kv_bytes_per_token, parameters
from pipeline.contracts import Method
from pipeline.machines import find_machine
from pipeline.training_memory import Load, serving_bytes, training_memory
from pipeline.training_time import seconds, training_flops

COLUMNS = ("base", "family", "size", "licence", "context", "released", "retires", "here")
ROW, ANSWER = 256, 64  # tokens of the example by which speed is told
MICRO = {"cpu": 4_096, "cuda": 16_384}


def app() -> App:
    """The command group."""
    from pipeline.cli_timeline import timeline

    group = App(name="bases", help="Base models: list, timeline, show, add.")
    group.command(list_, name="list")
    for command in (timeline, show, add):
        group.command(command)
    group.default(list_)
    return group


def list_(*, family: str | None = None, common: Common | None = None) -> None:
    """Every base that is known: licence, size, context, dates, and whether it is on this machine.

    Parameters
    ----------
    family
        Only this family: qwen, llama, deepseek, mistral, gemma, smollm, or one of your own.
    """
    common = common or Common()
    rows = [row_of(base) for base in bases_of(common, family)]
    emit(common, rows, lambda console: table(console, "Base models", COLUMNS, [_cells(row) for row in rows]))


def show(
    name: str, /, *, machine: str | None = None, rank: int = 16, tokens: int = 2048, common: Common | None = None
) -> None:
    """One base: its facts with their sources, and what training and serving it takes on a machine.

    Parameters
    ----------
    name
        A base by name, or a folder.
    machine
        A GPU by name (H100, L40S, RTX-4090, ...) or cpu; this machine when left out.
    rank
        Rank of the adapters.
    tokens
        Tokens of one request that is served.
    """
    common = common or Common()
    base = find_base(name, common.workspace.home)
    found = _facts(base) | {"needs": _needs(base, machine, rank, tokens)}
    emit(common, found, lambda console: _draw(console, found))


def add(
    source: str,
    /,
    *,
    name: str | None = None,
    licence: str | None = None,
    released: Annotated[date | None, Parameter(help="Day on which it came out, YYYY-MM-DD.")] = None,
    retires: Annotated[date | None, Parameter(help="Day on which it goes, YYYY-MM-DD.")] = None,
    common: Common | None = None,
) -> None:
    """Describe a base of your own in this workspace: a folder, or ORGANISATION/MODEL@COMMIT of a hub.

    Refused are pickled weights, models that bring their own code, and revisions that are no commit.

    Parameters
    ----------
    source
        Folder with config.json, safetensors and tokenizer; or a hub's repository at a commit.
    name
        Name to plan with; that of the folder or repository when left out.
    licence
        Its licence, as its makers state it.
    """
    common = common or Common()
    if name is not None and ("/" in name or name.startswith(".")):
        raise InputError(f"--name {name!r}: a name has no / and does not begin with a full stop")
    source_of = "stated by the person who added it" if licence else None
    stated = {"licence": licence, "licence_source": source_of, "released": released, "retires": retires}
    found = _facts(add_base(common.workspace, source, name, **stated))
    emit(common, found, lambda console: _draw(console, found))


def bases_of(common: Common, family: str | None) -> list[BaseModel]:
    """Those that are known, by family and size."""
    known = known_bases(common.workspace.home).values()
    return sorted(
        (base for base in known if family in (None, base.family)), key=lambda one: (one.family, one.parameters)
    )


def row_of(base: BaseModel) -> dict[str, Any]:
    """What a list shows of one."""
    return {
        "name": base.name,
        "family": base.family,
        "parameters": base.parameters,
        "licence": base.licence,
        "context_tokens": base.context_tokens,
        "released": base.released.isoformat() if base.released else None,
        "retires": base.retires.isoformat() if base.retires else None,
        "here": is_here(base),
    }


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    context = f"{row['context_tokens'] // 1024} k"
    return (
        row["name"], row["family"], size_of(row["parameters"]), row["licence"], context, row["released"],
        row["retires"], "yes" if row["here"] else "no",
    )  # fmt: skip


def size_of(count: int) -> str:
    """Weights, as a person says them."""
    return f"{count / 1e9:.1f} B" if count >= 0.95e9 else f"{count / 1e6:.0f} M"


def _facts(base: BaseModel) -> dict[str, Any]:
    return vars(base) | {"here": is_here(base), "parameters_of_the_shape": parameters(base)}


def _needs(base: BaseModel, machine: str | None, rank: int, tokens: int) -> dict[str, Any]:
    place = find_machine(machine)
    micro = MICRO[place.device]
    ways: tuple[Method, ...] = ("lora", "full") if place.device == "cpu" else ("lora", "qlora", "full")
    training = {}
    for way in ways:
        load = Load(way, rank, micro, ROW, micro * ANSWER // ROW, device=place.device)
        memory = training_memory(base, load)
        work = training_flops(base, way, ROW, ANSWER, ROW, False)
        training[way] = memory.as_json() | {
            "needed_gb": round(memory.total / 1e9, 2),
            "fits": memory.total / 1e9 <= place.available_gb,
            "tokens_per_s": round(ROW / seconds(work, place.flops)),
        }
    return {
        "machine": place.name, "available_gb": round(place.available_gb, 2), "training": training,
        "serving_gb": round(serving_bytes(base, tokens, 1) / 1e9, 2), "serving_tokens": tokens,
        "kv_cache_bytes_per_token": kv_bytes_per_token(base),
        "assumes": f"adapters of rank {rank}; {micro:,} tokens at once, in rows of {ROW} with {ANSWER} of answer",
    }  # fmt: skip


def _draw(console: Console, found: dict[str, Any]) -> None:
    facts = [(key, value) for key, value in found.items() if value not in ("", None, 0, False) and key != "needs"]
    table(console, found["name"], ["", ""], [(key, str(value)) for key, value in facts])
    if needs := found.get("needs"):
        rows = [
            (way, figures["needed_gb"], "yes" if figures["fits"] else "no", figures["tokens_per_s"])
            for way, figures in needs["training"].items()
        ]
        title = f"Training on {needs['machine']}, {needs['available_gb']} GB free"
        table(console, title, ["method", "GB at the peak", "fits", "useful tokens/s"], rows)
        console.print(f"Predicted, not measured: {needs['assumes']}", soft_wrap=True)
        console.print(f"Serving one request of {needs['serving_tokens']} tokens in 16 bits: {needs['serving_gb']} GB")
