import json
import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.privacy.excerpts import WITHHELD, safe_excerpt
from analytics.privacy.spans import TOKEN
from analytics.privacy.text import redact_json, redact_text
from analytics.privacy.tokens import Privacy

PRIVACY = Privacy(b"k" * 32)
VALUES = [
    "jane.doe@mail.example", "+49 151 23456789", "4111 1111 1111 1111", "DE89370400440532013000", "203.0.113.77",
    "2a02:8071::1:3f", "ghp_" + "a1B2" * 9, "(415) 555-2671", "sk-" + "x9Y" * 16,
]  # fmt: skip
SCRAPS = st.one_of(st.sampled_from(VALUES), st.text(max_size=20), st.sampled_from([" ", "\n", '"', "\\", "tel ", "<"]))
TEXTS = st.lists(SCRAPS, max_size=12).map("".join)
DOCUMENTS = st.recursive(
    TEXTS | st.integers(0, 2**53) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def redacted(text, privacy=PRIVACY):
    return redact_text(text, privacy, Counter())


@settings(deadline=None)
@given(TEXTS)
def test_redacting_twice_changes_nothing_more(text):
    once = redacted(text)
    assert redacted(once) == once


@settings(deadline=None)
@given(TEXTS)
def test_the_same_text_gives_the_same_tokens(text):
    assert redacted(text) == redacted(text, Privacy(b"k" * 32))


@settings(deadline=None)
@given(DOCUMENTS)
def test_json_stays_json(document):
    for text in (json.dumps(document), json.dumps(document, ensure_ascii=False, indent=1)):
        json.loads(redacted(text))
        found = redact_json(text, PRIVACY, Counter())
        assert type(json.loads(found)) in (type(document), str if type(document) is int else type(document))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "phone", "mobile", "n"]), st.integers(0, 10**12), min_size=1))
def test_numbers_in_json_that_are_telephones_become_strings(document):
    for text in (json.dumps(document), redacted(json.dumps(document))):
        json.loads(text)


def test_every_value_is_gone_and_each_kind_has_its_token():
    text = "; ".join(VALUES)
    counts = Counter()
    found = redact_text(text, PRIVACY, counts)
    assert counts == {"email": 1, "phone": 2, "card": 1, "iban": 1, "ip": 2, "key": 2}
    assert len(TOKEN.findall(found)) == len(VALUES)
    assert not any(value in found for value in VALUES)


def test_spellings_of_one_value_share_a_token_and_keys_do_not():
    assert redacted("4111-1111-1111-1111") == redacted("4111111111111111")
    assert redacted("Jane@Mail.Example") == redacted("jane@mail.example")
    assert redacted("a@mail.example") != redacted("a@mail.example", Privacy(b"o" * 32))


def test_a_user_a_key_and_an_address_with_the_same_text_cannot_be_matched():
    name = "jane@mail.example"
    assert len({PRIVACY.hashed(name, "user"), PRIVACY.hashed(name, "key"), PRIVACY.token("email", name)}) == 3


def test_the_key_is_in_no_text_of_its_owner():
    assert "kkkk" not in repr(PRIVACY) and "6b6b" not in repr(PRIVACY)


@settings(deadline=None)
@given(st.integers(150, 250))
def test_an_excerpt_never_shows_half_a_value(before):
    text = "x" * (before - 1) + " " + "jane.doe.of.somewhere@mail.example and more" * 3
    shown = safe_excerpt(text, PRIVACY, 200)
    assert len(shown) <= 200 and "jane" not in shown


def test_values_beyond_the_cut_do_not_move_up():
    rng = random.Random(3)
    address = "".join(rng.choices("abcdef", k=50)) + "@mail.example "
    shown = safe_excerpt(address * 60, PRIVACY, 200)
    assert "@" not in shown and not any(address[:9] in part for part in shown.split("<"))


def test_escaped_signs_hide_nothing_in_an_excerpt():
    assert "mail.example" not in safe_excerpt(
        r'{"to": "jane\u0040mail.example", "t": "\u002B49 151 23456789"}', PRIVACY
    )


def test_an_excerpt_that_cannot_be_redacted_is_withheld(monkeypatch):
    def fails(*_):
        raise RuntimeError("jane@mail.example")

    monkeypatch.setattr("analytics.privacy.excerpts.find", fails)
    assert safe_excerpt("jane@mail.example", PRIVACY, 200) == WITHHELD
    assert safe_excerpt("jane@mail.example", Privacy(b"k" * 32, redacts=False), 4) == "jane"
