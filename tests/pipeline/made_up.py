"""Made-up desk calls by topic, as many as a sample asks for: the same number and topics give the same calls."""

import random

from pipeline.examples import Rows

WORDS = {
    "pin": (["pin", "pin code", "secret number"], ["blocked", "forgotten", "changed", "wrong"]),
    "fees": (["fee", "charge", "cost"], ["withdrawal", "exchange", "transfer", "account"]),
    "travel": (["abroad", "holiday", "trip"], ["spain", "airport", "hotel", "visa"]),
    "refund": (["refund", "money back", "return"], ["order", "shop", "shoes", "ticket"]),
    "music": (["song", "playlist", "album"], ["jazz", "guitar", "loud", "radio"]),
    "weather": (["rain", "snow", "forecast"], ["tomorrow", "umbrella", "sunny", "storm"]),
}
OPENINGS = ["what about the", "i have a question on the", "tell me more about the", "is there a", "hello the", "so the"]
TAILS = ["please", "thanks", "today", "again", "now", "in berlin", "on my phone", "for my sister"]


def desk(count, topics=tuple(WORDS), seed=0):
    """Inputs and their topics."""
    draw = random.Random(f"{count}{topics}{seed}")
    chosen = [draw.choice(topics) for _ in range(count)]
    return [sentence(draw, topic) for topic in chosen], chosen


def sentence(draw, topic):
    what, rest = WORDS[topic]
    parts = [draw.choice(OPENINGS), draw.choice(what), draw.choice(rest), draw.choice(rest), draw.choice(TAILS)]
    return " ".join(parts)


def as_rows(inputs, labels):
    """Well-formed calls with these inputs and answers, oldest first."""
    nothing = [None] * len(inputs)
    columns = dict.fromkeys(
        ["finish_reasons", "users", "top_logprobs", "sample_agreements", "response_schemas"], nothing
    )
    columns |= {"outputs": list(labels), "labels": list(labels), "inputs": inputs, "forms": inputs}
    columns |= {"groups": list(range(len(inputs))), "statuses": ["success"] * len(inputs)}
    columns |= {"truncated": [False] * len(inputs), "retries": [False] * len(inputs), "roles": ["log"] * len(inputs)}
    return Rows(**columns, answer_kind="label")
