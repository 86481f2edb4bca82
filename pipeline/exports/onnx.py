"""``onnx``: the part of a student that is a function of numbers, for any ONNX runtime.

A head's graph goes from n-grams and sentence vectors to the score of each label; making those from a text stays with
``spiritsafe``, and so do its memory of seen requests, its confidence and its routing. Another kind writes itself:
it has a method ``write_onnx(folder) -> notes``.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from analytics.errors import InputError, MissingExtra
from pipeline.exports import Wish
from pipeline.loaded import Loaded

KINDS: tuple[str, ...] = ()  # decided by the student
OPSET, IR = 17, 10  # read by every runtime of the last years
FILE, LABELS = "student.onnx", "labels.json"


def write(student: Loaded, folder: Path, wish: Wish) -> list[str]:
    """``student.onnx`` and the order of its labels."""
    made: Any = student.student
    if hasattr(made, "write_onnx"):
        notes: list[str] = made.write_onnx(folder)
        return notes
    if made.kind != "head":
        raise InputError(f"--format onnx holds students of kind head and encoder; this one is a {made.kind}")
    onnx = _onnx()
    onnx.save(head_graph(onnx, made.parts), str(folder / FILE))
    (folder / LABELS).write_text(json.dumps(made.parts.labels, ensure_ascii=False) + "\n", "utf-8")
    return [
        "inputs grams [n, n-grams] and vectors [n, width] (unit length, around the centre), output scores "
        "[n, labels] in the order of labels.json; the memory of seen requests, confidence and routing need spiritsafe",
    ]


def head_graph(onnx: Any, parts: Any) -> Any:
    """scores = grams W + exp(-2 (1 - vectors landmarks')) projection weight D + offsets (``Linear``, ``Reader``)."""
    from pipeline.students.parts.features import GAMMA, KERNEL_WEIGHTS

    helper, linear, reader = onnx.helper, parts.linear, parts.reader
    constants = {
        "gram_weights": linear.gram_weights, "dense_weights": linear.dense_weights, "offsets": linear.offsets,
        "landmarks": reader.landmarks.T, "projection": reader.projection * np.float32(KERNEL_WEIGHTS[reader.kind]),
        "one": np.array(1, np.float32), "steep": np.array(-2 * GAMMA, np.float32),
    }  # fmt: skip
    steps = [
        ("MatMul", ["vectors", "landmarks"], "near"), ("Sub", ["one", "near"], "far"),
        ("Mul", ["steep", "far"], "fall"), ("Exp", ["fall"], "alike"), ("MatMul", ["alike", "projection"], "dense"),
        ("MatMul", ["grams", "gram_weights"], "by_grams"), ("MatMul", ["dense", "dense_weights"], "by_dense"),
        ("Add", ["by_grams", "by_dense"], "both"), ("Add", ["both", "offsets"], "scores"),
    ]  # fmt: skip
    floats = onnx.TensorProto.FLOAT
    sizes = (("grams", linear.gram_weights.shape[0]), ("vectors", reader.landmarks.shape[1]))
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [output]) for kind, inputs, output in steps],
        "head",
        [helper.make_tensor_value_info(name, floats, ["n", size]) for name, size in sizes],
        [helper.make_tensor_value_info("scores", floats, ["n", linear.gram_weights.shape[1]])],
        [onnx.numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model)
    return model


def _onnx() -> Any:
    try:
        import onnx
    except ImportError as error:
        raise MissingExtra("onnx", "onnx") from error
    return onnx
