"""A roster as spreadsheets and LMSs write it, and a class held against it: nobody is mixed up, nobody is lost."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import on_disk

from grader.errors import UsageError
from grader.intake.folder import submissions, survey
from grader.intake.roster import Person, name_forms, plain_letters, read_roster

FILE = "layers.py"
ADA, BOB = Person("ada", "Ada Lovelace", "al@example.org", "A", "team-1"), Person("bob", "Bob Roe")


def roster(path, data):
    path.mkdir(exist_ok=True)
    (path / "roster.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return path / "roster.csv"


def refused(path):
    with pytest.raises(UsageError) as error:
        read_roster(path)
    return str(error.value).replace(str(path), "roster.csv")


# -------------------------------------------------------------------------------------- reading

PLAIN = "id,name,email,section,group\nada,Ada Lovelace,al@example.org,A,team-1\nbob,Bob Roe,,,\n"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace(",", ";").encode("utf-8-sig"),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.encode("utf-16-be").join([b"\xfe\xff", b""]),
        ("sep=;\r\n" + PLAIN.replace(",", ";")).encode(),
        PLAIN.replace("id,", " ID ,").replace("email", "E-Mail").encode(),
        b'id,"name",email,section,group\n ada ,"Ada Lovelace",al@example.org,A,team-1\n\n,nobody,,,\nbob,Bob Roe\n',
    ],
    ids=["plain", "mark", "crlf", "semicolons", "utf16", "utf16be", "sep", "words", "quotes"],
)
def test_a_roster_is_read_however_it_was_saved(tmp_path, data):
    assert {"ada": ADA, "bob": BOB} == read_roster(roster(tmp_path, data))


def test_what_canvas_exports_is_a_roster(tmp_path):
    text = 'Student,ID,SIS User ID,SIS Login ID,Section,HW1 (1)\n    Points Possible,,,,,20\n"Doe, Jane",4242,S1,jdoe,ML-01,\n'
    assert {"4242": Person("4242", "Doe, Jane", "", "ML-01")} == read_roster(roster(tmp_path, text))


def test_what_moodle_exports_is_a_roster(tmp_path):
    text = "First name,Last name,ID number,Email address,Groups\nJane,van Doe,77,jd@example.org,team 3\n"
    assert {"77": Person("77", "Jane van Doe", "jd@example.org", "", "team 3")} == read_roster(roster(tmp_path, text))


def test_an_id_is_composed(tmp_path):
    assert ["J\u00f6rg"] == list(read_roster(roster(tmp_path, "id\nJo\u0308rg\n")))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "roster.csv:1: expected a column 'id', got nothing"),
        (b"name,email\nAda,x\n", "roster.csv:1: expected a column 'id', got name, email"),
        (b"id\nada\nbob\nada\n", "roster.csv:4: ada stands in the roster twice; keep one line"),
        (b"id,name\nada,J\xf6rg\n", "roster.csv: expected a roster in UTF-8; save it again as 'CSV UTF-8'"),
        (
            b'id\n"' + b"a" * 200_000 + b'"\n',
            "roster.csv:2: expected a roster (CSV), but field larger than field limit (131072); save it again",
        ),
    ],
)
def test_a_roster_that_cannot_be_used_is_told(tmp_path, data, told):
    assert told == refused(roster(tmp_path, data))


def test_a_roster_that_is_not_there_is_told(tmp_path):
    assert "roster.csv: expected a roster (CSV), but No such file or directory" == refused(tmp_path / "roster.csv")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=12)


@given(
    st.lists(st.tuples(st.uuids().map(str), cells, cells), max_size=6),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_spreadsheet_writes_is_read_back(tmp_path_factory, people, delimiter, encoding, end):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow(["id", "name", "group"])
    writer.writerows(people)
    path = tmp_path_factory.mktemp("roster") / "roster.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    assert [(i, n.strip(), g.strip()) for i, n, g in people] == [
        (p.id, p.name, p.group) for p in read_roster(path).values()
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_roster_or_told(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("roster") / "roster.csv"
    path.write_bytes(data)
    try:
        people = read_roster(path)
    except UsageError as error:
        assert str(error).startswith(str(path))
    else:
        assert all(key == person.id != "" for key, person in people.items())


# ------------------------------------------------------------------------------------- matching


def matched(tmp_path, names, people):
    """Roster id → the file's text; the class's own lists."""
    on_disk(tmp_path / "class", {name: name for name in names})
    with survey([tmp_path / "class"], FILE, {p.id: p for p in people}) as found:
        return {s.id: s.files[FILE].decode() for s in found}, found


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("jdoe/layers.py", Person("jdoe")),
        ("JDoe/layers.py", Person("jdoe")),
        ("jd@example.org.py", Person("77", email="JD@example.org")),
        ("jd.py", Person("77", email="jd@example.org")),
        ("jane doe.py", Person("77", "Doe, Jane")),
        ("Jos\u0065\u0301 Roe.py", Person("77", "Roe, Jos\u00e9")),
        ("vandoejane_42_7_layers.py", Person("77", "Jane van Doe")),
        ("doejane_42_7_layers.py", Person("42")),
        ("Jane van Doe_9_assignsubmission_file/layers.py", Person("77", "van Doe, Jane")),
        ("李 明_9_assignsubmission_file/layers.py", Person("77", "明 李")),
    ],
)
def test_a_submission_finds_its_person(tmp_path, name, person):
    got, found = matched(tmp_path, [name], [person, Person("other", "Some One", "so@example.org")])
    assert {person.id: name} == got
    assert ([], ["other"]) == (found.strangers, [p.id for p in found.missing])


def test_the_unmatched_of_both_sides_are_listed(tmp_path):
    got, found = matched(tmp_path, ["ada.py", "who.py", "dan.py"], [Person("ada"), Person("bob"), Person("cyd")])
    assert ["ada", "dan", "who"] == list(got)
    assert (["dan", "who"], ["bob", "cyd"]) == (found.strangers, [p.id for p in found.missing])


def test_two_of_one_name_are_nobodys(tmp_path):
    people = [Person("1", "Jane Doe"), Person("2", "Jane Doe")]
    got, found = matched(tmp_path, ["Jane Doe.py"], people)
    assert ["Jane Doe"] == list(got)
    assert (["Jane Doe"], 2) == (found.strangers, len(found.missing))
    assert ["Jane Doe: could be each of 1, 2; name it by the id of one of them"] == found.told


def test_two_submissions_for_one_person_are_nobodys_and_told(tmp_path):
    got, found = matched(tmp_path, ["Jane Doe.py", "doe jane.py"], [Person("1", "Jane Doe")])
    assert {"Jane Doe", "doe jane"} == set(got)
    assert [
        "1: Jane Doe, doe jane could each be this student's; name one of them by the id, or remove one"
    ] == found.told


def test_whose_id_is_there_is_not_looked_for_by_name(tmp_path):
    got, found = matched(tmp_path, ["1.py", "Jane Doe.py"], [Person("1", "Jane Doe")])
    assert {"1": "1.py", "Jane Doe": "Jane Doe.py"} == got
    assert ["Jane Doe"] == found.strangers


def test_whom_no_export_names_has_the_rosters_name(tmp_path):
    on_disk(tmp_path, {"ada.py": b"x = 1", "stranger.py": b"x = 2"})
    with survey([tmp_path], FILE, {p.id: p for p in (ADA, BOB)}) as found:
        named = {entry.id: (entry.origin.name, entry.origin.email) for entry in found.entries}
    assert {"ada": ("Ada Lovelace", "al@example.org"), "stranger": ("", "")} == named


def test_a_group_shares_what_one_of_it_hands_in(tmp_path):
    people = [Person("ada", group="t1"), Person("bob", group="t1"), Person("cyd", group="t2"), Person("dan")]
    on_disk(tmp_path, {"ada/layers.py": "", "cyd/layers.py": ""})
    with survey([tmp_path], FILE, {p.id: p for p in people}) as found:
        assert {"ada": ["ada", "bob"], "cyd": []} == {s.id: s.members for s in found}
        assert ["group t1: what ada handed in counts for ada, bob"] == found.told
        assert ["dan"] == [p.id for p in found.missing]


def test_a_groups_own_folder_counts_for_all_of_it(tmp_path):
    people = [Person("ada", group="Team 1"), Person("bob", group="Team 1"), Person("cyd", group="Team 2")]
    on_disk(tmp_path, {"team1/layers.py": "", "Team 2_17_assignsubmission_file/layers.py": ""})
    with survey([tmp_path], FILE, {p.id: p for p in people}) as found:
        assert {"Team 1": ["ada", "bob"], "Team 2": ["cyd"]} == {s.id: s.members for s in found}
        assert ([], []) == (found.strangers, found.missing)


def test_where_several_of_a_group_hand_in_each_ones_own_counts(tmp_path):
    people = [Person("ada", group="t1"), Person("bob", group="t1"), Person("cyd", group="t1")]
    on_disk(tmp_path, {"ada/layers.py": "", "bob/layers.py": ""})
    with survey([tmp_path], FILE, {p.id: p for p in people}) as found:
        assert {"ada": [], "bob": []} == {s.id: s.members for s in found}
        assert ["group t1: ada, bob each handed in; each one's own counts, and cyd handed in nothing"] == found.told
        assert ["cyd"] == [p.id for p in found.missing]


def test_the_members_of_an_lms_group_get_the_rosters_ids(tmp_path):
    text = "submission_1:\n  :submitters:\n  - :name: A\n    :sid: '1'\n  - :name: Bo Roe\n    :email: bo@x.org\n"
    on_disk(tmp_path, {"submission_metadata.yml": text, "submission_1/layers.py": ""})
    people = [Person("ada", email="1@example.org"), Person("bob", email="BO@x.org")]
    (one,) = submissions([tmp_path], FILE, {p.id: p for p in people})
    assert ("ada", ["ada", "bob"]) == (one.id, one.members)


names = st.text(st.characters(categories=["L"]), min_size=1, max_size=8)


@given(st.lists(names, min_size=1, max_size=4))
def test_a_name_is_known_with_its_last_word_first(words):
    turned = f"{words[-1]}, {' '.join(words[:-1])}"
    assert plain_letters(turned) in name_forms(" ".join(words)) | {""}


@given(st.lists(st.tuples(names, names), min_size=1, max_size=8, unique=True))
def test_no_two_submissions_get_one_id_and_nobody_is_lost(tmp_path_factory, people):
    """Whatever the names: each entry is there once, and every one of the roster is matched or missing."""
    root = tmp_path_factory.mktemp("class")
    on_disk(root, {f"{number}_{n}/x.py": "" for number, (n, _m) in enumerate(people)})
    known = [Person(f"id{n}", f"{a} {b}") for n, (a, b) in enumerate(people)]
    with survey([root], FILE, {p.id: p for p in known}) as found:
        ids = found.ids
    assert len(people) == len(ids) == len(set(ids))
    assert {p.id for p in known} == {i for i in ids if i.startswith("id")} | {p.id for p in found.missing}
