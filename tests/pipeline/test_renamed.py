"""Answers that changed their name are matched by their inputs; topics that ended are not taken for them."""

from made_up import as_rows, desk

from pipeline.renamed import rename, renamed_answers


def log(old=200, new=200, **names):
    inputs, topics = desk(old + new)
    labels = [names.get(topic, topic) if place < old else topic for place, topic in enumerate(topics)]
    return as_rows(inputs, labels)


def test_old_names_find_their_new_ones():
    names = {"pin": "PIN_ISSUE", "fees": "c17", "music": "entertainment"}
    assert renamed_answers(log(**names)) == {old: new for new, old in sorted(names.items(), key=lambda pair: pair[1])}


def test_a_log_whose_names_stay_is_left_alone():
    assert renamed_answers(log()) == {}


def test_a_topic_that_ended_is_not_another_that_began():
    rows = log()
    ended = [place for place, label in enumerate(rows.labels) if not (label == "pin" and place > 200)]
    begun = [place for place in ended if not (rows.labels[place] == "weather" and place < 200)]
    assert renamed_answers(rows.take(begun)) == {}


def test_an_old_name_written_well_is_the_new_one_written_well():
    renamed = rename(log(pin="old"), {"old": "pin"})
    assert "old" not in renamed.outputs and renamed.outputs == renamed.labels
