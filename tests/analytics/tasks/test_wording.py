from analytics.tasks.wording import Wording, WordingIndex, find_wordings, words_of

LETTERS = str.maketrans("0123456789", "abcdefghij")


def varied(count, template):
    """Texts that differ in one word, or in a passage of words."""
    return [
        template.format(x=f"w{n}".translate(LETTERS), y=" ".join(f"v{n * k}" for k in range(1, 9)).translate(LETTERS))
        for n in range(10, 10 + count)
    ]


def wordings(texts):
    words = [words_of(text) for text in texts]
    return find_wordings(words, words)


def test_an_instruction_after_the_input_is_a_wording():
    found = wordings(varied(40, "{y} tells it. Name the mood of the writer in one word."))
    assert {one.last[-6:] for one in found} == {("of", "the", "writer", "in", "one", "word.")}


def test_a_short_instruction_counts_when_a_sentence_ends_after_it():
    assert {one.first for one in wordings(varied(40, "sort the words: {y}"))} == {("sort", "the", "words:")}


def test_a_natural_beginning_is_no_instruction():
    assert set(wordings(varied(40, "what is the {y}"))) == {None}


def test_two_jobs_with_one_preamble_are_two_wordings():
    preamble = "all rules of the house apply and nothing here may ever leave the building so"
    one = varied(40, preamble + " translate the letter that follows into plain french without a greeting {y}")
    other = varied(40, preamble + " name every person who is mentioned anywhere in the letter below {y}")
    found = wordings(one + other)
    assert len(set(found[:40])) == len(set(found[40:])) == 1 and found[0] != found[-1]


def test_few_texts_with_one_start_are_no_wording():
    assert set(wordings(varied(10, "name the mood of the writer in a single lower case word {y}"))) == {None}


def test_an_index_finds_the_wording_that_a_new_text_has():
    start = Wording(words_of("name the mood of the writer in a single word:"), (), ())
    forked = Wording(words_of("name the mood of the writer in a whole sentence:"), (), ())
    after = Wording((), words_of("answer with one of the letters above"), ())
    index = WordingIndex([start, forked, after])
    new = words_of("name the mood of the writer in a whole sentence: what a day")
    assert index.find(new, new) == 1
    end = words_of("is it a or b? answer with one of the letters above")
    assert index.find(end, end) == 2
    assert index.find(words_of("quite another text"), words_of("quite another text")) is None
