"""Many short texts in few bytes, in order, and whether one is among them."""

import random
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from grader.intake import packed
from grader.intake.packed import Marks, Texts

ANY = st.text(st.characters(codec=None), max_size=12)


@given(st.lists(ANY))
def test_texts_are_a_sequence(given_):
    texts = Texts(given_)
    assert (len(given_), given_, given_[1:3], given_[::-1]) == (len(texts), list(texts), texts[1:3], texts[::-1])
    assert all(text in texts for text in given_)
    assert not given_ or (given_[0], given_[-1]) == (texts[0], texts[-1])


@given(st.lists(ANY), st.integers(1, 5))
def test_places_are_in_the_order_of_the_texts_and_equal_ones_in_their_own(given_, run):
    before, packed.RUN = packed.RUN, run
    try:
        assert sorted(range(len(given_)), key=given_.__getitem__) == list(Texts(given_).places())
    finally:
        packed.RUN = before


def test_a_hundred_thousand_texts_take_little_while_they_are_sorted():
    names = [f"{number:06}" for number in range(100_000)]
    random.Random(3).shuffle(names)
    tracemalloc.start()
    places = Texts(iter(names)).places()
    last = max(places)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 99_999 == last
    assert peak < 20 * 100_000 + packed.RUN * 200


@given(st.sets(ANY), st.sets(ANY))
def test_marks_know_what_they_were_given_and_nothing_else(known, others):
    marks = Marks(known)
    assert len(known) == len(marks)
    assert all(text in marks for text in known)
    assert not any(text in marks for text in others - known)
    assert [text in known for text in others] == [text in Marks.load(marks.dump()) for text in others]


def test_marks_differ_from_run_to_run():
    assert Marks(["ada"]).dump() != Marks(["ada"]).dump()
