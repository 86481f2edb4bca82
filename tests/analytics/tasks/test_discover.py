import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.ingest import import_files
from analytics.store import open_store
from analytics.tasks.discover import discover
from analytics.tasks.names import name_tasks
from analytics.tasks.templates import mask, near_pairs
from analytics.tasks.wording import find_wordings, words_of
from analytics.workspace import Workspace
from tests.loglines import START, answer, chat, shop_mail, spend_row, write_jsonl


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Today is Monday, 06 January 2025.", "today is  Sunday, 31 august 2026."),
        ("Write to bob@example.com", "Write to alice.b+x@mail.example.org"),
        ("See https://a.example/x?y=1", "See http://b.example/"),
        ("Trace 0f8fad5b-d9cb-469f-a165-70867728950e", "Trace 7c9e6679-7425-40de-944b-e07fc1f90ae7"),
    ],
)
def test_prompts_that_differ_in_a_value_share_a_mask(one, other):
    assert mask(one) == mask(other)


@given(st.text())
def test_masking_twice_changes_nothing_more(text):
    assert mask(mask(text)) == mask(text)


DIGITS = str.maketrans("0123456789", "abcdefghij")
LONG = "you are the intake classifier of a bank read the message and answer with one category of the list"


def test_versions_of_a_prompt_are_near_and_others_are_not():
    other = "write one sqlite query that answers the question and return sql only"
    assert near_pairs([LONG, LONG + " and nothing else", other]) == [(0, 1)]


def test_no_templates_and_one_template_have_no_pairs():
    assert near_pairs([]) == near_pairs(["a"]) == []


def test_a_wording_before_the_input_is_a_template_and_free_text_is_not():
    few_shot = [
        f"name the topic of the text in one word please now: item{n} is about w{n}".translate(DIGITS) for n in range(40)
    ]
    free = [f"w{n} x{n} y{n} z{n} a{n} b{n} c{n} d{n} e{n}".translate(DIGITS) for n in range(40)]
    words = [words_of(text) for text in few_shot + free]
    found = [wording and wording.text for wording in find_wordings(words, words)]
    assert set(found[:40]) == {"name the topic of the text in one word please now:"}
    assert set(found[40:]) == {None}


def test_names_are_readable_and_different():
    names = name_tasks([("template", LONG, []), ("template", LONG, []), ("key", "billing", [])])
    assert names[2] == "billing" and len(set(names)) == 3


def math_and_chat(rows, seed=3):
    """Two free-form applications: sums under one key, small talk in many topics under another."""
    rng = random.Random(seed)
    topics = [
        "cooking pasta with garlic",
        "visiting rome in spring",
        "python decorators",
        "tax return forms",
        "garden roses",
    ]
    for number in range(rows):
        at = START + (number / rows) * (START.replace(month=9) - START)
        if number % 2:
            words = rng.sample(["apples", "pears", "boxes", "friends", "coins", "trains"], 3)
            text = f"{words[0]} {rng.randint(2, 99)} and {words[1]} {rng.randint(2, 99)}: how many {words[2]} are left? {rng.random()}"
            yield spend_row(
                number, at, api_key="school", messages=chat(None, text), response=answer(f"It is {number}.")
            )
        else:
            text = f"{rng.choice(['tell me', 'explain', 'what of'])} {rng.choice(topics)} number {rng.random()}"
            yield spend_row(
                number, at, api_key="office", model="claude-3-5-sonnet-20241022", custom_llm_provider="anthropic",
                messages=chat(None, text), response=answer("Well, " * rng.randint(40, 200)),
            )  # fmt: skip


def discovered(tmp_path, rows, name="log"):
    workspace = Workspace(tmp_path / f"home-{name}")
    import_files(workspace, [str(write_jsonl(tmp_path / f"{name}.jsonl", rows))])
    with open_store(workspace) as store:
        tasks, call_tasks = discover(store)
        return tasks, dict(
            zip(call_tasks.column("call_id").to_pylist(), call_tasks.column("task_id").to_pylist(), strict=True)
        )


def test_every_call_has_exactly_one_task(tmp_path):
    tasks, task_of = discovered(tmp_path, shop_mail(200))
    assert len(task_of) == 200 and set(task_of.values()) == {tasks[0].task_id}
    assert (tasks[0].found_by == "template" and "customer" in tasks[0].name) or "mail" in tasks[0].name


def test_free_prompts_are_grouped_by_meaning_and_traffic(tmp_path):
    tasks, task_of = discovered(tmp_path, math_and_chat(800))
    assert sorted(task.found_by for task in tasks) == ["meaning", "meaning"]
    assert len({task_of[f"call-{n}"] for n in range(1, 800, 2)}) == 1
    assert len({task_of[f"call-{n}"] for n in range(0, 800, 2)}) == 1


def test_an_explicit_key_comes_first_and_untagged_calls_of_its_template_follow(tmp_path):
    rows = [
        dict(row, request_tags=json.dumps(["app:mail"] if n % 3 else ["env:prod"]))
        for n, row in enumerate(shop_mail(150))
    ]
    tasks, task_of = discovered(tmp_path, rows)
    assert [(task.found_by, task.name) for task in tasks] == [("key", "mail")]
    assert len(set(task_of.values())) == 1


def test_ids_stay_when_the_log_grows(tmp_path):
    rows = [*shop_mail(200), *(dict(row, request_id=f"m-{row['request_id']}") for row in math_and_chat(400))]
    _, before = discovered(tmp_path, rows[:400], "before")
    _, after = discovered(tmp_path, rows, "after")
    assert all(after[call] == task for call, task in before.items() if not call.startswith("m-"))


def test_calls_without_text_follow_calls_of_the_same_size_key_and_model(tmp_path):
    rows = list(shop_mail(300))
    for row in rows[::3]:
        row.update(messages="{}", response="{}")
    tasks, task_of = discovered(tmp_path, rows)
    assert len(tasks) == 1 and len(task_of) == 300


def test_embeddings_are_a_task_of_their_own(tmp_path):
    rows = [
        *shop_mail(50),
        *(spend_row(1000 + n, START, call_type="aembedding", messages="{}", response="{}") for n in range(5)),
    ]
    tasks, _ = discovered(tmp_path, rows)
    assert {task.found_by for task in tasks} == {"template", "operation"}


def test_a_system_prompt_that_says_nothing_does_not_hide_two_tasks(tmp_path):
    words = [f"{a}{b}{c}" for a in "bcdfgh" for b in "aeiou" for c in "klmnprst"]
    rows = []
    for number in range(200):
        task = (
            "Name the tone of this customer message in one word:",
            "Put this customer message into formal German now:",
        )[number % 2]
        text = f"{task} {words[number]} is here"
        rows.append(
            spend_row(number, START, messages=chat("You are a helpful assistant.", text), response=answer("ok"))
        )
    tasks, task_of = discovered(tmp_path, rows)
    assert len(tasks) == 2
    assert len({task_of[f"call-{n}"] for n in range(0, 200, 2)}) == 1


def rewritten(rows, **changes):
    """A mail sorter whose prompt is written anew half way."""
    for number, row in enumerate(shop_mail(rows)):
        late = number >= rows // 2
        system = "What is this letter about? Say refund, delivery, password or billing and no more." if late else None
        user = json.loads(row["messages"])[-1]["content"]
        yield {**row, **(changes if late else {}), **({"messages": chat(system, user)} if late else {})}


def test_a_rewritten_prompt_stays_one_task_with_two_versions(tmp_path):
    tasks, _ = discovered(tmp_path, rewritten(400))
    assert len(tasks) == 1 and tasks[0].versions >= 2


def test_the_same_answers_under_another_key_are_another_task(tmp_path):
    tasks, _ = discovered(tmp_path, rewritten(400, api_key="k2"))
    assert len(tasks) == 2
