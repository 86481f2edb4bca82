"""``spiritsafe bases``: what is listed, what is added, what is refused."""

import json
import shutil

import pytest
from cyclopts import App
from tiny_base import make_base

from analytics.errors import DataMissing, InputError, SpiritsafeError, UnknownName
from pipeline import base_files, cli
from pipeline.base_models import catalogue, find_base, resolve
from tests.support.hub import Hub

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONFIG = {
    "model_type": "qwen3", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 16, "intermediate_size": 96, "vocab_size": 300, "max_position_embeddings": 4096,
    "tie_word_embeddings": True,
}  # fmt: skip


@pytest.fixture
def spiritsafe(workspace, capsys):
    app = App(name="spiritsafe", result_action="return_value")
    cli.mount(app)

    def call(*arguments, as_json=True):
        app([*arguments, "--home", str(workspace.home), *(["--json"] if as_json else [])], exit_on_error=False)
        out = capsys.readouterr().out
        return json.loads(out) if as_json else out

    return call


@pytest.fixture
def folder(tmp_path):
    return make_base(tmp_path / "My-Base", ["one two three four"] * 20)


def test_the_list_says_what_a_person_chooses_by(spiritsafe):
    rows = spiritsafe("bases", "list")
    assert len(rows) == len(catalogue())
    keys = {"name", "family", "parameters", "licence", "context_tokens", "released", "retires", "here"}
    assert all(keys == row.keys() for row in rows)
    assert [row["name"] for row in rows if row["here"]] == ["smollm2-135m-instruct"]
    assert spiritsafe("bases") == rows
    assert {row["family"] for row in spiritsafe("bases", "list", "--family", "gemma")} == {"gemma"}


def test_the_timeline_runs_forward(spiritsafe):
    rows = spiritsafe("bases", "timeline")
    days = [row["released"] for row in rows]
    assert days == sorted(days)
    drawn = spiritsafe("bases", "timeline", as_json=False)
    assert drawn.index("mistral-7b-instruct-v0.3") < drawn.index("gemma-3-270m-it")


def test_show_tells_what_training_takes(spiritsafe):
    found = spiritsafe("bases", "show", "llama-3.1-8b-instruct", "--machine", "l4")
    ways = found["needs"]["training"]
    assert ways["qlora"]["needed_gb"] < ways["lora"]["needed_gb"] < ways["full"]["needed_gb"]
    assert not ways["full"]["fits"]
    assert "licence" in spiritsafe("bases", "show", "llama-3.1-8b-instruct", "--machine", "cpu", as_json=False)
    with pytest.raises(UnknownName, match="h100"):
        spiritsafe("bases", "show", "llama-3.1-8b-instruct", "--machine", "abacus")


def test_an_added_folder_is_found_by_name_and_by_any_process(spiritsafe, workspace, folder):
    made = spiritsafe("bases", "add", str(folder), "--licence", "MIT", "--retires", "2027-03-01")
    assert (made["name"], made["licence"], made["retires"]) == ("my-base", "MIT", "2027-03-01")
    assert made["parameters"] == made["parameters_of_the_shape"]
    assert "my-base" in [row["name"] for row in spiritsafe("bases", "list")]
    path = resolve("my-base", workspace.home)
    assert find_base(path).folder == str(folder)
    assert base_files.files_of(find_base(path)) == (str(folder), None)


def test_a_plan_names_an_added_base_so_that_its_worker_finds_it(spiritsafe, workspace, folder, pairs_file):
    spiritsafe("bases", "add", str(folder))
    pairs = ["--pairs", str(pairs_file), "--input", "question", "--output", "answer"]
    made = spiritsafe("plan", *pairs, "--student", "causal", "--base", "my-base")
    assert find_base(made["spec"]["base"]).folder == str(folder)


@pytest.mark.parametrize("changed", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_that_changed_is_seen(spiritsafe, workspace, folder, changed):
    spiritsafe("bases", "add", str(folder))
    path = folder / changed
    path.write_bytes(
        path.read_bytes().replace(b"}", b"} ", 1)
        if changed != "model.safetensors"
        else path.read_bytes()[:-1] + b"\x01"
    )
    with pytest.raises(DataMissing, match="has changed"):
        base_files.files_of(find_base("my-base", workspace.home))


def test_pickled_weights_remote_code_and_missing_parts_are_refused(spiritsafe, folder, tmp_path):
    pickled = shutil.copytree(folder, tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"pytorch_model\.bin, which may run code"):
        spiritsafe("bases", "add", str(pickled))
    remote = shutil.copytree(folder, tmp_path / "remote")
    config = json.loads((remote / "config.json").read_text())
    (remote / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "own.Code"}}))
    with pytest.raises(InputError, match="auto_map"):
        spiritsafe("bases", "add", str(remote))
    partial = shutil.copytree(folder, tmp_path / "partial")
    (partial / base_files.INDEX).write_text(json.dumps({"weight_map": {"a": "model-2.safetensors"}}))
    with pytest.raises(InputError, match=r"model-2\.safetensors"):
        spiritsafe("bases", "add", str(partial))
    torn = shutil.copytree(folder, tmp_path / "torn")
    (torn / "model.safetensors").write_bytes(b"\x00\x01")
    with pytest.raises(InputError, match="no whole safetensors"):
        spiritsafe("bases", "add", str(torn))


def test_a_hub_is_asked_for_one_file_at_one_commit(spiritsafe, monkeypatch, tmp_path):
    with Hub({"maker/small": {COMMIT: CONFIG}, "maker/odd": {COMMIT: CONFIG | {"auto_map": {}}}}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
        made = spiritsafe("bases", "add", f"maker/small@{COMMIT}", "--name", "small")
        assert hub.asked == [(f"/maker/small/resolve/{COMMIT}/config.json", None)]
        with pytest.raises(SpiritsafeError, match="404"):
            spiritsafe("bases", "add", f"maker/none@{COMMIT}")
        with pytest.raises(InputError, match="auto_map"):
            spiritsafe("bases", "add", f"maker/odd@{COMMIT}")
        with pytest.raises(InputError, match="pin a commit"):
            spiritsafe("bases", "add", "maker/small@main")
        with pytest.raises(InputError, match="pin a commit"):
            spiritsafe("bases", "add", "maker/small")
    assert (made["revision"], made["family"], made["qk_norm"], made["here"]) == (COMMIT, "qwen", True, False)


def test_weights_of_the_pinned_commit_alone_are_taken_from_the_hubs_cache(monkeypatch, tmp_path, folder):
    base = catalogue()["qwen3-0.6b"]
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(DataMissing, match=f"hf download Qwen/Qwen3-0.6B --revision {base.revision}"):
        base_files.files_of(base)
    snapshots = tmp_path / "hub" / "models--Qwen--Qwen3-0.6B" / "snapshots"
    shutil.copytree(folder, snapshots / COMMIT)
    assert not base_files.is_here(base)
    shutil.copytree(folder, snapshots / base.revision)
    assert base_files.files_of(base) == (str(snapshots / base.revision), None)
