"""ONNX of a head: the scores that the student itself computes. And what an export refuses."""

import random

import numpy as np
import pytest
from corpus import TOPICS, sentence

from analytics.errors import InputError, MissingExtra, UnknownName
from pipeline import exports
from pipeline.exports import Wish
from pipeline.exports import onnx as onnx_export
from pipeline.loaded import Loaded
from pipeline.students import Lessons, Setup, kind


@pytest.fixture(scope="module")
def head():
    dice = random.Random(4)
    pairs = [(sentence(dice, topic), topic) for topic in sorted(TOPICS) for _ in range(40)]
    lessons = Lessons([text for text, _ in pairs], [label for _, label in pairs], [True] * len(pairs))
    return kind("head").fit(lessons, lessons.take(range(0, len(pairs), 3)), Setup(3))


def test_onnx_gives_the_scores_of_the_head(head, tmp_path):
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    notes = onnx_export.write(Loaded({"kind": "head"}, head, None), tmp_path, Wish())
    assert onnx.load(tmp_path / onnx_export.FILE).graph.name == "head" and "labels.json" in notes[0]
    seen = head.parts.reader.read(["where is my parcel", "money back please", "xyzzy"])
    session = runtime.InferenceSession(str(tmp_path / onnx_export.FILE), providers=["CPUExecutionProvider"])
    (scores,) = session.run(["scores"], {"grams": seen.grams.toarray().astype(np.float32), "vectors": seen.vectors})
    assert np.allclose(scores, head.parts.linear.scores(seen.grams, seen.dense), atol=1e-4)


def test_without_onnx_the_extra_is_named(head, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(MissingExtra, match=r"spiritsafe\[onnx\]"):
        onnx_export.write(Loaded({"kind": "head"}, head, None), tmp_path, Wish())


def test_a_kind_that_writes_itself_is_asked(tmp_path):
    class Writer:
        kind = "encoder"

        def write_onnx(self, folder):
            (folder / "student.onnx").write_bytes(b"graph")
            return ["its own"]

    assert onnx_export.write(Loaded({"kind": "encoder"}, Writer(), None), tmp_path, Wish()) == ["its own"]


def test_formats_are_found_and_wrong_wishes_refused(workspace, tmp_path, monkeypatch, head):
    assert exports.names() == ["gguf", "merged", "onnx", "safetensors"]
    with pytest.raises(UnknownName, match="gguf"):
        exports.find("tape")
    monkeypatch.setattr(exports, "open_student", lambda *_: Loaded({"kind": "head"}, head, None))
    with pytest.raises(InputError, match="causal; head-1 is a head"):
        exports.export(workspace, "head-1", "merged", tmp_path / "new", Wish())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="not empty"):
        exports.export(workspace, "head-1", "onnx", tmp_path / "full", Wish())
