"""A student is read on the base that it was trained on, or not at all."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.errors import DataMissing
from pipeline.base_files import fingerprint
from pipeline.base_models import find_base
from pipeline.students.neural import saved
from pipeline.students.neural.saved import Card
from pipeline.template import Template


def card_of(base):
    return Card(
        base=base.folder, method="lora", rank=4, seed=1, answer_kind="text", instructions=None, template=Template("", ""),
        most_tokens=8, vocabulary=[], base_sha256=fingerprint(base),
    )  # fmt: skip


def test_a_student_whose_base_changed_is_refused(base, tmp_path):
    folder = shutil.copytree(base.folder, tmp_path / "base")
    card = card_of(find_base(str(folder)))
    model, _ = saved._model(card, {})
    assert model is not None
    weights = Path(folder) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\x01\x02\x03\x04")
    with pytest.raises(DataMissing, match="has changed"):
        saved._model(card, {})


def test_a_student_of_an_older_version_without_a_hash_is_still_read(base):
    model, chat = saved._model(replace(card_of(base), base_sha256=""), {})
    assert model is not None and chat.text(chat.answer("a")) == "a"
