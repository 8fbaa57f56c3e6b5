"""JUnit XML in both dialects: it holds to its schema, and says what failed, why, where and how long it took."""

import pytest

from grader.reports.junit import write, write_strict
from tests.samples import HOSTILE, Graded, hostile_runs, one_graded, own_check, run, whole_class
from tests.validators import valid_xml

DIALECTS = {"junit.xsd": write, "junit-strict.xsd": write_strict}


def written(made, schema="junit.xsd"):
    return valid_xml(schema, "".join(DIALECTS[schema](made)))


@pytest.mark.parametrize("schema", DIALECTS)
@pytest.mark.parametrize(
    "made", [own_check(), one_graded(), whole_class(), run(Graded())], ids=["own", "one", "class", "none"]
)
def test_both_dialects_hold_to_their_schemas(schema, made):
    assert len(written(made, schema)) == {1: 3, 5: 11, 0: 0}[len(made.grades)]


def test_the_strict_schema_takes_no_file_and_no_line():
    common = "".join(write(own_check()))
    with pytest.raises(Exception, match="attribute 'file'"):
        valid_xml("junit-strict.xsd", common)


def test_counts_are_those_of_the_elements():
    root = written(whole_class())
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        for element, counted in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(counted)) == sum(case.find(element) is not None for case in cases)
    assert int(root.get("tests")) == sum(int(suite.get("tests")) for suite in root) == 38
    assert (root.get("failures"), root.get("errors")) == ("6", "5")


def test_a_name_stands_once_in_its_class():
    names = [(c.get("classname"), c.get("name")) for c in written(whole_class()).iter("testcase")]
    assert len(names) == len(set(names))


def test_a_wrong_answer_says_the_hint_in_the_message_and_all_of_it_in_the_text():
    case = written(own_check()).find(".//testcase[@name='dw: worked']")
    assert case.attrib == {
        "classname": "affine.backward",
        "name": "dw: worked",
        "time": "0.000",
        "file": "work/affine/layers.py",
        "line": "30",
    }
    failure = case.find("failure")
    assert failure.get("message") == "Which of x and dout is transposed?"
    assert failure.text == "Which of x and dout is transposed?\ndw[0, 1] is 20, expected 32"
    assert failure.get("type") == "values"


def test_points_are_properties_and_times_add_up():
    suite = written(one_graded()).find("testsuite[@name='affine.bob.backward']")
    assert {p.get("name"): p.get("value") for p in suite.iter("property")} == {"score": "3", "max_score": "6"}
    assert suite.get("time") == "0.033"
    assert [c.get("time") for c in suite.iter("testcase")][::2] == ["0.001", "0.031", "0.002"]


def test_what_a_hidden_case_was_called_is_not_told():
    text = "".join(write(whole_class()))
    assert "hidden case 2" in text
    assert "not_square" not in text and "large" not in text


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("schema", DIALECTS)
def test_no_text_of_a_student_is_markup_or_an_attachment(text, schema):
    for made in hostile_runs(text):
        root = written(made, schema)
        assert {e.tag for e in root.iter()} <= {
            *("testsuites", "testsuite", "testcase", "properties", "property"),
            *("failure", "error", "skipped", "system-out"),
        }
        assert not any("[[ATTACHMENT" in (e.text or "") for e in root.iter())
