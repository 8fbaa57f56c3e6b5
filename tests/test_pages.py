"""What people read: the same feedback as a page, as Markdown and as data; the class on one page. Hostile text stays text."""

import base64
import hashlib
import html
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import numpy as np
import pytest
from pages import (
    HOSTILE,
    SECRET,
    full,
    grade,
    hostile_class,
    make_class,
    make_key,
    open_still,
    raised,
    right,
    structure,
    verdict,
    wrong_gradients,
)

from grader.errors import UsageError
from grader.model import Agreement, Finding, Status
from grader.reports import html as pages
from grader.reports.data import student_json
from grader.reports.entry import Entry
from grader.reports.feedback import call_text, feedback
from grader.reports.html import feedback_page, mathml, overview_page
from grader.reports.markdown import block, feedback_text, overview_text, plain, span
from grader.reports.overview import survey
from grader.reports.run import One, Run, visible_part

GOLDEN = Path(__file__).parent / "golden"
KEY = make_key()


def overview(grades, key=KEY, **more):
    with survey(key, (Entry.of(g, page=True) for g in grades)) as class_:
        return "".join(overview_page(key, class_))


def in_short(grades):
    with survey(KEY, map(Entry.of, grades)) as class_:
        return "".join(overview_text(KEY, class_))


def text_of(page):
    """What a page says, without its style, script and markup."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.S)
    return html.unescape(re.sub(r"<[^>]*>", " ", body))


# --------------------------------------------------------------------------------- golden folders


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("feedback/feedback.html", lambda: feedback_page(KEY, make_class()[0])),
        ("feedback/feedback.md", lambda: feedback_text(KEY, make_class()[0])),
        ("feedback/feedback.json", lambda: student_json(make_class()[0], KEY)),
        ("overview/index.html", lambda: overview(make_class())),
        ("overview/overview.md", lambda: in_short(make_class())),
    ],
)
def test_what_is_written_is_what_was_looked_at(name, make):
    """GRADER_GOLDEN=write writes them anew, to be looked at in a browser before they are committed."""
    path = GOLDEN / name
    if os.environ.get("GRADER_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), "utf-8")
    assert path.read_text("utf-8") == make()


# ------------------------------------------------------------------------------------ one student


def test_a_student_is_told_where_to_begin():
    told = feedback(KEY, make_class()[0])
    assert ("affine_backward", "partly") == (told.first.id, told.first.state)
    assert feedback(KEY, grade("x", [full(), right("f"), open_still("g")])).first.id == "g"
    assert feedback(KEY, grade("x", [full(), right("f"), right("g")])).first is None


def test_a_mistake_is_told_once_with_its_steps_and_where_it_was_seen():
    (problem,) = feedback(KEY, make_class()[0]).exercises[0].problems
    assert ["dx"] == problem.outputs
    assert ["The shape of dx is right."] == problem.steps
    assert "w is not transposed. Multiply only what fits: try a w that is not square." == problem.hint
    assert "dx: 1 of 4 entries differ" == problem.message
    assert "in the visible case shown and in 1 hidden case" == problem.where


def test_what_to_think_of_is_told_once_where_a_hidden_case_tells_less_of_the_same():
    said = {"finding": Finding.RAISED, "hints": ["The function stops with an exception."]}
    verdicts = [
        verdict("one", "y", False, message="raised ValueError in line 3: no such axis", **said),
        verdict("drawn", "y", False, message="raised ValueError in line 3", **said),
    ]
    shown, hidden = (
        feedback(KEY, grade("x", [msgspec.structs.replace(raised(), verdicts=verdicts)])).exercises[0].problems
    )
    assert (said["hints"], []) == (shown.steps, hidden.steps)
    assert ("in the visible case one", "in 1 hidden case") == (shown.where, hidden.where)
    assert "raised ValueError in line 3" == hidden.message


def test_a_visible_case_is_shown_in_full_and_a_hidden_one_counted_alone():
    told = feedback(KEY, make_class()[0]).exercises[0]
    (shown,) = told.shown
    assert ("The case shown", "affine_backward(dout, (x, w))") == (shown.title, shown.call)
    assert ["x", "w", "dout"] == [g.name for g in shown.inputs]
    assert ["dx"] == [p.output for p in shown.pairs]
    assert ((0, 1), (0, 1)) == (told.visible, told.hidden)


def test_of_what_did_not_come_back_the_expected_values_are_shown_and_the_reason_once():
    reason = "raised ValueError in line 3: no"
    said = {"finding": Finding.RAISED, "message": reason}
    smallest = msgspec.structs.replace(
        wrong_gradients().smallest,
        expected={"dx": np.array([[7.0]]), "dw": np.array([[9.0]])},
        tolerance={"dx": 1e-6, "dw": 1e-6},
        returned={},
        message={"dx": reason, "dw": reason},
    )
    stopped = msgspec.structs.replace(
        wrong_gradients(),
        verdicts=[verdict("shown", "dx", False, **said), verdict("shown", "dw", False, **said)],
        evidence=[],
        smallest=smallest,
    )
    told = feedback(KEY, grade("x", [stopped])).exercises[0]
    assert ([], ["dx", "dw"], "") == (told.shown[0].pairs, [g.name for g in told.shown[0].expected], told.shown[0].said)
    assert ([], ["dx", "dw"], reason) == (
        told.smallest.pairs,
        [g.name for g in told.smallest.expected],
        told.smallest.said,
    )
    for text in (text_of(feedback_page(KEY, grade("x", [stopped]))), feedback_text(KEY, grade("x", [stopped]))):
        small = text[text.index("The smallest input") :]
        assert 1 == small.count(reason)
        assert small.index(reason) < small.index("expected") < small.index("9")


@pytest.mark.parametrize("write", [feedback_page, feedback_text, lambda key, g: student_json(g, key)])
def test_nothing_of_a_hidden_case_is_in_what_a_student_reads(write):
    for key in (KEY, visible_part(KEY)):
        for one in make_class():
            text = write(key, one)
            assert "98765" not in text
            assert str(SECRET) not in text
            assert "drawn" not in text or '"drawn"' in text  # grades.json names the case, as ever


def test_a_student_sees_the_line_that_raised_and_what_was_printed():
    page, text = (
        write(KEY, grade("x", [full(), raised("f", "no such axis", "y = x @ w"), right("g")]))
        for write in (feedback_page, feedback_text)
    )
    for shown in (text_of(page), text):
        assert "work.py:3 in f" in shown.replace("\\", "")
        assert "y = x @ w" in shown
        assert "raised ValueError in line 3: no such axis" in shown


def test_the_smallest_wrong_input_is_shown_even_where_only_hidden_cases_fail():
    one = make_class()[0].exercises[0]
    verdicts = [msgspec.structs.replace(v, passed=True) if v.visible else v for v in one.verdicts]
    hidden_alone = msgspec.structs.replace(one, verdicts=verdicts, evidence=[])
    told = feedback(KEY, grade("x", [hidden_alone, right("f"), right("g")])).exercises[0]
    assert [] == told.shown
    assert ("One sample", ["dx"]) == (told.smallest.title, [p.output for p in told.smallest.pairs])
    assert "The smallest input on which it is wrong" in feedback_page(KEY, grade("x", [hidden_alone]))


def test_what_a_function_says_of_its_own_forward_is_told():
    one = msgspec.structs.replace(raised("f"), agreement=Agreement("g", False, "x[0] moves it by 2, and 3 came back"))
    for write in (feedback_page, feedback_text):
        assert "moves it by 2, and 3 came back" in write(KEY, grade("x", [one])).replace("\\", "")


def test_how_a_mark_came_about_is_told():
    own = grade("x")
    entry = Entry(id="x", grade=own, mark=4.5, max_score=10.0, name="Xenia", marked=["1 day late: 0.5 points less"])
    page, text, data = (
        feedback_page(KEY, own, entry),
        feedback_text(KEY, own, entry),
        json.loads(student_json(own, KEY, entry)),
    )
    for shown in (text_of(page), text):
        assert "1 day late: 0.5 points less" in shown
        assert "4.5" in shown
        assert "Xenia" in shown
    assert (4.5, ["1 day late: 0.5 points less"]) == (data["mark"], data["marked"])


def test_a_check_at_home_gives_no_mark():
    page = feedback_page(visible_part(KEY), make_class()[0], own=True)
    assert "Hidden cases are run when your work is graded" in page
    assert 'class="mark"' not in page


def test_an_unreadable_file_and_a_fault_of_ours_are_told_as_what_they_are():
    dan, eva = make_class()[4:6]
    assert "Your file could not be read" in feedback_page(KEY, dan)
    assert "invalid syntax" in feedback_page(KEY, dan)
    assert "the fault is ours" in feedback_page(KEY, eva)
    assert "the fault is ours" in feedback_text(KEY, eva)


def test_the_graph_marks_the_wrong_gradients_once_per_exercise():
    named = msgspec.structs.replace(
        make_class()[0].exercises[0], verdicts=[verdict("shown", "w1", False, finding=Finding.VALUES)]
    )
    page = feedback_page(KEY, grade("x", [named]))
    assert "✗ wrong: ∂L/∂W₁" in page
    assert 'id="affine_backward-title"' in page
    assert "<svg" not in feedback_page(KEY, grade("x", [full()]))


def test_the_answer_of_an_exercise_is_no_part_of_its_formula():
    assert "<mfrac>" in mathml(KEY.exercises[0].formula)
    assert "<math" in feedback_page(KEY, make_class()[0])
    assert "<math" not in feedback_page(KEY, grade("x", [full(), right("f"), right("g")]))


def test_a_plan_is_told_as_python():
    assert "affine_backward(dout, (x, w))" == call_text(KEY.exercises[0].cases[0].plan)


# -------------------------------------------------------------------------------------- the class


def test_the_class_on_one_page():
    page = text_of(overview(make_class()))
    for shown in (
        "9  submissions",
        "with full marks",
        "w is not transposed",
        "Multiply only what fits",
        "corrected item–total correlation",
    ):
        assert shown in page
    assert "9 submissions, median 6.5 and mean 5.5 of 10 points, 1 with full marks" in in_short(make_class())


def test_everybody_is_linked_to_their_feedback_and_nobody_to_another_place():
    page = overview(hostile_class())
    links = re.findall(r'href="([^"]*)"', page)
    assert len(links) == len(HOSTILE) + 1
    assert all(re.fullmatch(r"students/[^/\"]+/feedback\.html", link) for link in links)


def test_near_copies_are_a_pointer_and_members_of_a_group_are_none():
    page = overview(make_class())
    assert "and no accusation" in text_of(page)
    assert 1 == page.count("at least 90 % of what was compared is the same")
    alike = [
        msgspec.structs.replace(g, structure=structure(*range(1000, 1010))) if g.id in ("bea", "bob") else g
        for g in make_class()
    ]
    assert ">100 % of what was compared is the same" in overview(alike)
    together = [
        msgspec.structs.replace(g, members=["bea", "bob"]) if g.id in ("bea", "bob") else g for g in make_class()
    ]
    assert "nearly identical, group" not in overview(together)


def test_a_class_of_one_and_of_nobody_has_a_page():
    assert "<b>1</b><span>submission<" in overview([grade("solo")])
    assert "Nobody made one." in overview([])


# ------------------------------------------------------------------------------------ safe and whole


class Tags(HTMLParser):
    """Every element and attribute of a page, and texts by the element that they stand in."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name) for name, _value in attrs]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_element_and_no_attribute(text):
    """Held against the same page about somebody harmless."""

    def one(word):
        return [
            grade(word, [raised("f", word, word)], remarks=[word]),
            grade("b", [], status=Status.UNREADABLE, message=word),
        ]

    for write in (lambda g: feedback_page(KEY, g[0]), lambda g: feedback_page(KEY, g[1]), overview):
        bad, good = Tags(write(one(text))), Tags(write(one("harmless")))
        assert (good.tags, good.attributes) == (bad.tags, bad.attributes)


@pytest.mark.parametrize("write", [feedback_page, feedback_text, lambda key, g: student_json(g, key)])
def test_no_control_character_and_no_override_is_written(write):
    for one in hostile_class():
        text = write(KEY, msgspec.structs.replace(one, id="x"))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)


def test_a_page_asks_for_nothing_and_allows_nothing():
    for page in (feedback_page(KEY, make_class()[0]), overview(make_class())):
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
        assert html.unescape(policy).startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
        assert not re.search(r'\b(src|srcset|action|data|poster)="', page)
        assert "http://" not in page.replace("http://www.w3.org/", "")
        assert "https://" not in page
        assert "url(" not in page
    assert "<script" not in feedback_page(KEY, make_class()[0])


def test_the_only_script_is_the_one_that_the_policy_names():
    page = overview(hostile_class())
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_keeps_text_as_text(text):
    flat = " ".join(text.split())
    assert plain(text).replace("\\", "") == flat.replace("\\", "")
    for mark in ("<script", "<img", "](", "**", "~~~"):
        assert mark not in plain(text).replace("\\" + mark[0], "")
    assert "`" in text or span(text) == f"`{flat}`"
    fence = block(text).split("\n")[0]
    assert fence.rstrip("tex") not in text


def test_json_stays_json_whatever_a_student_is_called():
    for one in hostile_class():
        written = student_json(one, KEY).encode("utf-8", "replace")  # as files are written
        assert json.loads(written)["id"] == one.id.encode("utf-8", "replace").decode()


# -------------------------------------------------------------------------------- formats and extras


def run_of(one, own):
    return Run(visible_part(KEY) if own else KEY, One(one), own=own)


def test_the_formats_html_and_markdown_are_a_check_or_a_class():
    from grader.reports.markdown import write as write_markdown

    one = make_class()[0]
    assert "A check of the visible cases" in "".join(pages.write(run_of(one, True)))
    assert "The class at a glance" in "".join(pages.write(run_of(one, False)))
    assert "a check of the visible cases" in "".join(write_markdown(run_of(one, True)))
    assert "What to explain again" in "".join(write_markdown(run_of(one, False)))


def test_without_the_extra_a_page_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pages, "find_spec", lambda name: None if name == "jinja2" else object())
    with pytest.raises(UsageError) as told:
        list(pages.write(run_of(make_class()[0], True)))
    assert str(told.value) == "--format html: pages need Jinja2; install it with: pip install 'nabla-grader[class]'"


def test_numbers_are_numbers_in_json():
    data = json.loads(student_json(make_class()[0], KEY))["exercises"][0]
    assert [["4", "5"], ["20", "20"]] == [
        [e["text"] for e in row] for row in data["shown"][0]["pairs"][0]["returned"]["rows"]
    ]
    assert "wrong" == data["shown"][0]["pairs"][0]["returned"]["rows"][0][1]["mark"]
