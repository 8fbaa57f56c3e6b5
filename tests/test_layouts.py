"""A class comes as its LMS exported it: each layout is recognised, on disk and packed, and nobody is lost."""

import pytest
from trees import at, notebook, on_disk, zipped

from grader.intake.earlier import Earlier
from grader.intake.folder import submissions, survey
from grader.intake.layouts import iso_time

FILE = "layers.py"
WORK = b"def f():\n    return 1\n"
KINDS = ["folder", "zip", "tar", "plain"]
METADATA = """---
submission_11:
  :submitters:
  - :name: "Ada L\\u00f6velace"
    :sid: '0100'
    :email: ada@example.org
  :created_at: 2023-09-14 21:18:22.411210000 Z
  :score: 5.0
  :results:
    output: |-
      :submitters:
      - :name: Not Her
submission_12:
  :submitters:
  - :name: O'Neil, "B"
    :sid: ''
    :email: bob@example.org
  - :name: 'Cy''d'
    :sid:
    :email: cyd@example.org
  :created_at: 2023-09-15 09:00:00.000000000 +02:00
submission_13:
  :submitters:
  - :name: Dan
    :sid: '103'
    :email: dan@example.org
"""


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def found(path, file=FILE, **options):
    """Student → the text that is graded, or the problem."""
    return {s.id: s.problem or s.files[s.main] for s in submissions([path], file, **options)}


def read(path, file=FILE, **options):
    return {s.id: s for s in submissions([path], file, **options)}


# -------------------------------------------------------------------------------------- canvas


def test_canvas_is_flat_with_user_and_attachment_in_the_name(tmp_path, kind):
    path = at(
        tmp_path,
        kind,
        {
            "doejane_4242_1001_layers.py": b"jane",
            "o_brien_LATE_4243_1002_layers.ipynb": notebook("right = 1"),
            "李明_4244_1003_my_file_2.py": b"li",
            "anon_aB3xZ_1004_layers.py": b"anon",
            "LATE_anon_qqqqq_1005_layers.py": b"late anon",
            "roe_4245_text.html": b"<p>here",
            "poe_4246_1006_answers.pdf": b"%PDF",
        },
    )
    got = read(path)
    assert {"4242", "4243", "4244", "anon_aB3xZ", "anon_qqqqq", "4245", "4246"} == set(got)
    assert (b"jane", b"li", b"anon", b"late anon") == tuple(
        got[i].files[FILE] for i in ("4242", "4244", "anon_aB3xZ", "anon_qqqqq")
    )
    assert ("canvas", "doejane", False) == tuple(getattr(got["4242"].origin, n) for n in ("layout", "name", "late"))
    assert ("o_brien", True) == (got["4243"].origin.name, got["4243"].origin.late)
    assert "doejane_4242_1001_layers.py" == got["4242"].origin.entry
    assert "a text was handed in online, and no file" == got["4245"].problem
    assert got["4246"].problem.endswith("expected layers.py or one notebook, found answers.pdf")


def test_canvas_numbers_a_file_that_was_uploaded_again(tmp_path, kind):
    path = at(
        tmp_path,
        kind,
        {
            "doejane_42_1001_layers.py": b"old",
            "doejane_42_1020_layers-1.py": b"new",
            "roe_43_1002_layers-2.py": b"only",
            "poe_44_1003_layers-1.py": b"first",
            "poe_44_1004_layers-2.py": b"second",
            "loe_45_1005_part-1.py": b"",
            "loe_45_1006_part-2.py": b"",
            "loe_45_1007_layers.py": b"main",
            "moe_46_1009_layers.py": b"later",
            "moe_46_1008_layers.py": b"sooner",
        },
    )
    got = read(path)
    assert (b"new", b"only", b"second", b"later") == tuple(got[i].files[FILE] for i in ("42", "43", "44", "46"))
    assert ["layers.py was handed in 2 times; the last one, layers-1.py, counts"] == got["42"].remarks
    assert ["layers.py was handed in more than once; the last one counts"] == got["46"].remarks
    assert [] == got["43"].remarks
    assert {FILE, "part-1.py", "part-2.py"} == set(got["45"].files)


def test_a_zip_in_a_canvas_zip_is_looked_into(tmp_path, kind):
    packed = zipped({"hw/layers.py": b"packed", "__MACOSX/hw/._layers.py": b"\0"})
    assert {"42": b"packed"} == found(at(tmp_path, kind, {"doe_42_7_hw.zip": packed}))


def test_files_of_a_plain_class_are_no_canvas(tmp_path, kind):
    names = ["Doe_1_2_layers.py", "lab_03_12_jdoe.py", "hw_1_02_x.py"]
    assert [n.removesuffix(".py") for n in sorted(names)] == sorted(
        found(at(tmp_path, kind, dict.fromkeys(names, WORK)))
    )


def test_a_file_that_the_teacher_put_beside_is_a_student_too(tmp_path, kind):
    path = at(tmp_path, kind, {"doe_42_7_layers.py": b"a", "roe_43_8_layers.py": b"b", "late_mail.py": b"c"})
    assert {"42": b"a", "43": b"b", "late_mail": b"c"} == found(path)


# -------------------------------------------------------------------------------------- moodle


@pytest.mark.parametrize("end", ["", "_"])
def test_moodle_has_a_folder_per_student_and_plugin(tmp_path, kind, end):
    path = at(
        tmp_path,
        kind,
        {
            f"Jane van Doe_123_assignsubmission_file{end}/layers.py": b"jane",
            f"Jane van Doe_123_assignsubmission_onlinetext{end}/onlinetext.html": b"hello",
            f"محمد علي_124_assignsubmission_file{end}/deep/layers.py": b"ali",
            f"Roe_125_assignsubmission_onlinetext{end}/onlinetext.html": b"hello",
            f"Default group_assignsubmission_file{end}/layers.py": b"group",
        },
    )
    got = read(path)
    assert {"123", "124", "125", "Default group"} == set(got)
    assert (b"jane", b"ali", b"group") == tuple(got[i].files[FILE] for i in ("123", "124", "Default group"))
    assert ("moodle", "Jane van Doe", f"Jane van Doe_123_assignsubmission_file{end}") == (
        got["123"].origin.layout,
        got["123"].origin.name,
        got["123"].origin.entry,
    )
    assert "a text was handed in online, and no file" == got["125"].problem


def test_moodle_without_folders_puts_the_same_before_the_files_name(tmp_path, kind):
    path = at(
        tmp_path,
        kind,
        {
            "Jane Doe_123_assignsubmission_file_layers.py": b"jane",
            "Jane Doe_123_assignsubmission_file_helpers.py": b"help",
            "Bo_Roe_124_assignsubmission_file_hw_1.zip": zipped({"layers.py": b"bo"}),
        },
    )
    got = read(path)
    assert {FILE: b"jane", "helpers.py": b"help"} == got["123"].files
    assert (b"bo", "Bo_Roe") == (got["124"].files[FILE], got["124"].origin.name)
    assert "Jane Doe_123_assignsubmission_file" == got["123"].origin.entry


def test_moodle_numbers_a_second_upload(tmp_path, kind):
    home = "Jane_1_assignsubmission_file"
    got = read(at(tmp_path, kind, {f"{home}/layers.py": b"old", f"{home}/layers (1).py": b"new"}))
    assert b"new" == got["1"].files[FILE]
    assert ["layers.py was handed in 2 times; the last one, layers (1).py, counts"] == got["1"].remarks


# ---------------------------------------------------------------------------------- gradescope


def test_gradescope_tells_who_and_when_beside_its_folders(tmp_path, kind):
    home = "assignment_99_export"
    path = at(
        tmp_path,
        kind,
        {
            f"{home}/submission_metadata.yml": METADATA,
            f"{home}/submission_11/layers.py": b"ada",
            f"{home}/submission_12/layers.py": b"group",
            f"{home}/submission_14/layers.py": b"nobody",
        },
    )
    got = read(path)
    assert {"0100", "bob@example.org", "103", "submission_14"} == set(got)
    ada, bob = got["0100"], got["bob@example.org"]
    assert ("Ada Lövelace", "ada@example.org", "2023-09-14T21:18:22+00:00", "submission_11") == (
        ada.origin.name,
        ada.origin.email,
        ada.origin.handed_in,
        ada.origin.entry,
    )
    assert ([], ["bob@example.org", "cyd@example.org"]) == (ada.members, bob.members)
    assert "2023-09-15T07:00:00+00:00" == bob.origin.handed_in
    assert "the export holds no files of it" == got["103"].problem


# ------------------------------------------------------------------------------------ nbgrader


def test_nbgrader_has_submitted_student_assignment(tmp_path, kind):
    path = at(
        tmp_path,
        kind,
        {
            "source/affine/layers.ipynb": notebook("x = 0"),
            "submitted/ada/affine/layers.ipynb": notebook("right = 1"),
            "submitted/ada/affine/timestamp.txt": b"2015-02-02 15:58:23.948203 America/Somewhere",
            "submitted/ada/other/notes.ipynb": notebook("x = 1"),
            "submitted/bob/affine/layers.ipynb": notebook("right = 2"),
            "submitted/bob/affine/timestamp.txt": b"2015-02-02 15:58:23.948203 UTC\n",
            "submitted/cyd/one/x.py": WORK,
            "submitted/cyd/two/y.py": WORK,
        },
    )
    got = read(path)
    assert ["ada", "bob", "cyd"] == list(got)
    assert b"right = 1" in got["ada"].files[FILE]
    assert (None, "2015-02-02T15:58:23+00:00") == (got["ada"].origin.handed_in, got["bob"].origin.handed_in)
    assert "nbgrader" == got["bob"].origin.layout
    assert "expected one assignment's folder with layers.py or its notebook in it, found one, two" == got["cyd"].problem


def test_nbgraders_submitted_folder_itself_can_be_given(tmp_path):
    on_disk(tmp_path / "submitted", {"ada/affine/layers.py": b"a", "bob/affine/layers.py": b"b"})
    assert {"ada": b"a", "bob": b"b"} == found(tmp_path / "submitted")


def test_of_attempts_in_nbgraders_exchange_the_last_counts(tmp_path, kind):
    path = at(
        tmp_path,
        kind,
        {
            "ada+affine+2024-05-01 12:00:00.123456 UTC+abc/layers.py": b"old",
            "ada+affine+2024-05-02 12:00:00.123456 UTC+def/layers.py": b"new",
            "bob+affine+2024-05-01 12:00:00.123456 UTC/layers.py": b"bob",
        },
    )
    got = read(path)
    assert (b"new", b"bob") == (got["ada"].files[FILE], got["bob"].files[FILE])
    assert ["2 attempts were handed in; the last one, of 2024-05-02 12:00:00.123456 UTC, counts"] == got["ada"].remarks
    assert "2024-05-02T12:00:00+00:00" == got["ada"].origin.handed_in


# -------------------------------------------------------------------------------------- clones


def test_clones_are_named_by_assignment_and_login(tmp_path, kind):
    tree = {}
    for login in ("jane-doe", "jane-roe", "bob"):
        tree |= {f"hw-1-{login}/layers.py": login, f"hw-1-{login}/.git/HEAD": "ref: x", f"hw-1-{login}/test.py": ""}
    got = read(at(tmp_path, kind, tree))
    assert ["bob", "jane-doe", "jane-roe"] == list(got)
    assert ("clones", "hw-1-bob") == (got["bob"].origin.layout, got["bob"].origin.entry)


def test_the_folder_of_clones_names_the_assignment(tmp_path):
    on_disk(tmp_path / "hw-submissions", {"hw-jane-doe/layers.py": b"d", "hw-jane-roe/layers.py": b"r"})
    assert {"jane-doe": b"d", "jane-roe": b"r"} == found(tmp_path / "hw-submissions")


def test_folders_without_git_are_no_clones(tmp_path, kind):
    assert ["hw-a", "hw-b"] == list(found(at(tmp_path, kind, {"hw-a/layers.py": WORK, "hw-b/layers.py": WORK})))


# ------------------------------------------------------------------------------------- archives


def test_an_archive_of_one_students_files_is_one_submission(tmp_path):
    assert {"jdoe": WORK} == found(at(tmp_path, "zip", {"layers.py": WORK, "x.py": WORK}, "jdoe"))
    assert {"jdoe": WORK} == found(at(tmp_path, "tar", {"hw1/layers.py": WORK}, "jdoe"))


def test_an_archive_of_a_class_is_a_class(tmp_path, kind):
    tree = {"class/ada/layers.py": b"a", "class/bob.py": b"b", "class/cyd.zip": zipped({"hw/layers.py": b"c"})}
    tree |= {"class/dan.ipynb": notebook("d = 1"), "class/README.md": ""}
    if kind == "folder":
        tree = {name.removeprefix("class/"): data for name, data in tree.items()}
    got = found(at(tmp_path, kind, tree))
    assert ["ada", "bob", "cyd", "dan"] == list(got)
    assert (b"a", b"b", b"c") == (got["ada"], got["bob"], got["cyd"])


def test_an_archive_that_cannot_be_read_is_one_entry(tmp_path):
    (tmp_path / "ada.zip").write_bytes(b"PK no zip at all")
    (tmp_path / "bob.rar").write_bytes(b"Rar!\x1a\x07")
    (tmp_path / "cyd.py").write_bytes(WORK)
    (tmp_path / "dan.zip").write_bytes(b"Rar!\x1a\x07")
    got = found(tmp_path)
    assert WORK == got["cyd"]
    assert got["ada"].startswith("ada.zip is no archive that can be read, or is damaged")
    assert "bob.rar is an archive that is not read here; pack your files as zip" == got["bob"]
    assert "dan.zip is a RAR archive, which is not read here; pack your files as zip" == got["dan"]


def test_a_class_whose_archive_cannot_be_read_is_one_entry(tmp_path):
    (tmp_path / "all.zip").write_bytes(b"nothing")
    assert ["all"] == list(found(tmp_path / "all.zip"))


def test_a_member_that_leads_out_costs_the_one_whose_it_is(tmp_path):
    tree = {"ada/layers.py": b"a", "bob/layers.py": b"b", "bob/../../../etc/x.py": b"", "../../evil.py": b""}
    got = found(at(tmp_path, "zip", tree))
    assert b"a" == got["ada"]
    assert (
        "bob: the member bob/../../../etc/x.py leads out of the archive; pack your files again without it" == got["bob"]
    )
    assert "the member ../../evil.py leads out of the archive; pack your files again without it" == got["../../evil.py"]


# ------------------------------------------------------------------------- files of earlier work


def test_files_of_earlier_assignments_are_found_in_every_layout(tmp_path, kind):
    now = next(iter(submissions([at(tmp_path, kind, {"doe_42_9_network.py": WORK}, "now")], "network.py")))
    before = at(tmp_path, kind, {"doe_42_7_layers-1.py": b"mine", "roe_43_8_layers.py": b"other"}, "before")
    also = at(tmp_path, kind, {"Jane_42_assignsubmission_file_/activations.ipynb": notebook("mine = 1")}, "also")
    with Earlier([before, also], [FILE, "activations.py"]) as earlier:
        whole = earlier.complete(now)
    assert (WORK, b"mine") == (whole.files["network.py"], whole.files[FILE])
    assert b"mine = 1" in whole.files["activations.py"]
    assert "activations.ipynb" == whole.notebooks["activations.py"].name


# ------------------------------------------------------------------------------------ the class


def test_a_class_is_listed_before_it_is_read(tmp_path):
    on_disk(tmp_path, {"bob/layers.py": b"b", "ada/layers.py": b"a"})
    known = survey([tmp_path], FILE)
    assert ["ada", "bob"] == known.ids
    (tmp_path / "bob" / FILE).write_bytes(b"later")
    assert [b"a", b"later"] == [s.files[FILE] for s in known]


def test_names_composed_in_two_ways_are_one_id(tmp_path):
    on_disk(tmp_path, {"Jo\u0308rg/layers.py": b"j", "👩‍🎓 Zoë/layers.py": b"z", "עדה/layers.py": b"r"})
    assert {"J\u00f6rg", "👩‍🎓 Zoë", "עדה"} == set(found(tmp_path))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2023-09-14 21:18:22.411210000 Z", "2023-09-14T21:18:22+00:00"),
        ("2023-09-14 21:18:22 +0530", "2023-09-14T15:48:22+00:00"),
        ("2023-09-14T21:18:22", "2023-09-14T21:18:22+00:00"),
        ("0001-01-01 00:00:00 +14:00", None),
        ("2023-13-14 21:18:22 Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_are_told_in_one_form(text, time):
    assert time == iso_time(text)
