"""Pages in a real browser: they open from a file, ask for nothing, can be used by keyboard and are fit to be read."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from browser import browser
from pages import HOSTILE, grade, hostile_class, make_class, make_key, verdict, wrong_gradients

from grader.model import Evidence, Finding
from grader.reports.entry import Entry
from grader.reports.html import feedback_page, overview_page
from grader.reports.overview import survey

KEY = make_key()
SCHEMES = ["light", "dark"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pages on disk: a feedback, one about a hostile student, two overviews."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "feedback.html").write_text(feedback_page(KEY, make_class()[7]), "utf-8")
    for number, one in enumerate(hostile_class()):
        (folder / f"hostile{number}.html").write_bytes(feedback_page(KEY, one).encode("utf-8", "replace"))
    write(folder / "index.html", make_class())
    write(folder / "hostile.html", hostile_class())
    return folder


def write(path: Path, grades):
    with survey(KEY, (Entry.of(g, page=True) for g in grades)) as class_, path.open("wb") as file:
        file.writelines(piece.encode("utf-8", "replace") for piece in overview_page(KEY, class_))


class Opened:
    """A page from a file, with all that it complained of and asked for."""

    def __init__(self, chromium, path, scheme="light", width=1280, script=True):
        self.context = chromium.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, java_script_enabled=script
        )
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.context.close()


@pytest.mark.parametrize("name", ["feedback.html", "index.html"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_page_opens_says_nothing_asks_for_nothing_and_has_no_serious_fault(chromium, folder, name, scheme):
    from axe_playwright_python.sync_playwright import Axe

    with Opened(chromium, folder / name, scheme) as opened:
        opened.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        # the page's own policy lets no other script in, so the checker comes by the browser's own door
        found = Axe().run(opened.page, options=RULES).response
        faults = [(v["id"], v["impact"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found["violations"]]
        assert [] == [f for f in faults if f[1] in ("serious", "critical")], faults
        checked = {p["id"] for p in found["passes"]}
        assert {"color-contrast", "document-title", "html-has-lang"} <= checked
        assert [] == opened.said
        assert [(folder / name).as_uri()] == opened.asked


@pytest.mark.parametrize("name", ["feedback.html", "index.html"])
def test_it_is_read_without_a_script(chromium, folder, name):
    with Opened(chromium, folder / name, script=False) as opened:
        text = opened.page.inner_text("main")
        assert "w is not transposed" in text
        assert "Multiply only what fits" in text
        assert opened.page.locator("#find").count() == 0 or not opened.page.locator("#find").is_visible()


@pytest.mark.parametrize("name", ["feedback.html", "index.html"])
def test_a_narrow_screen_does_not_scroll_sideways(chromium, folder, name):
    with Opened(chromium, folder / name, width=360) as opened:
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_long_formula_a_wide_matrix_and_a_network_scroll_in_their_own_boxes(chromium, tmp_path):
    long = r"Y = X W + b, \qquad " + " + ".join(f"x_{{{i}}} w_{{{i}}}" for i in range(30))
    exercise = msgspec.structs.replace(KEY.exercises[0], formula=long, points={"w1": 6.0})
    key = msgspec.structs.replace(KEY, exercises=[exercise, *KEY.exercises[1:]])
    wrong = [verdict("shown", "w1", False, finding=Finding.VALUES, message="differ")]
    wide = [Evidence("shown", "w1", np.full((2, 8), 123456.789), np.full((2, 8), 0.123456), 1e-6)]
    made = msgspec.structs.replace(wrong_gradients(), verdicts=wrong, evidence=wide)
    (tmp_path / "wide.html").write_text(feedback_page(key, grade("x", [made])), "utf-8")
    with Opened(chromium, tmp_path / "wide.html", width=360) as opened:
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
        inner = "(e) => [e.scrollWidth > e.clientWidth, e.tabIndex]"
        for content in ("math", "svg.ng", "td.wrong"):
            box = opened.page.locator(".scroll").filter(has=opened.page.locator(content)).first
            assert [True, 0] == box.evaluate(inner), content


def test_printed_in_the_dark_it_is_dark_on_light(chromium, folder):
    with Opened(chromium, folder / "feedback.html", "dark") as opened:
        colour = "(e) => getComputedStyle(e).color"
        assert "rgb(231, 235, 241)" == opened.page.locator("h1").evaluate(colour)
        opened.page.emulate_media(media="print", color_scheme="dark")
        assert "rgb(29, 37, 48)" == opened.page.locator("h1").evaluate(colour)
        brackets = "(e) => getComputedStyle(e).printColorAdjust"
        assert "exact" == opened.page.locator("table.m tbody").first.evaluate(brackets)


def test_maths_is_drawn_and_wrong_entries_stand_out_by_sign_and_colour(chromium, folder):
    with Opened(chromium, folder / "feedback.html") as opened:
        assert opened.page.locator("math mfrac").first.bounding_box()["height"] > 20
        wrong, plain = (opened.page.locator(s).first for s in ("td.wrong", "table.m td:not([class])"))
        assert "✗" in wrong.inner_text()
        colours = [cell.evaluate("(e) => getComputedStyle(e).backgroundColor") for cell in (wrong, plain)]
        assert colours[0] != colours[1]


def test_printed_it_shows_what_was_folded(chromium, folder):
    with Opened(chromium, folder / "feedback.html") as opened:
        hint = opened.page.get_by_text("The shape of dx is right.")
        assert not hint.is_visible()
        opened.page.emulate_media(media="print")
        assert hint.is_visible()


# ---------------------------------------------------------------------------------- the table


def ids(page):
    return [text.split()[0] for text in page.locator("#students tbody tr:visible th").all_inner_texts()]


def test_the_table_is_sorted_by_keyboard_and_says_how(chromium, folder):
    with Opened(chromium, folder / "index.html") as opened:
        page = opened.page
        assert "ada" == ids(page)[0]
        page.locator("th[data-key=mark] button").focus()
        page.keyboard.press("Enter")
        assert "ascending" == page.locator("th[data-key=mark]").get_attribute("aria-sort")
        assert ["eva", "dan", "fay"] == ids(page)[:3]
        page.keyboard.press("Space")
        assert "descending" == page.locator("th[data-key=mark]").get_attribute("aria-sort")
        assert "cyd" == ids(page)[0]
        page.keyboard.press("Tab")
        assert "exercises" == page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        assert page.locator("th[data-key=mark]").get_attribute("aria-sort") is None
        assert [] == opened.said


def test_the_table_is_filtered_by_text_and_by_kind(chromium, folder):
    with Opened(chromium, folder / "index.html") as opened:
        page = opened.page
        assert "9 of 9 students" == page.inner_text("#count")
        page.get_by_label("Name or id").fill("lovelace")
        assert ["ada"] == ids(page)
        assert "1 of 9 students" == page.inner_text("#count")
        page.get_by_label("Name or id").fill("")
        shown = {}
        for kind in ("full", "part", "look", "near"):
            page.get_by_label("Show").select_option(kind)
            shown[kind] = ids(page)
        assert {"full": ["cyd"], "near": ["bea", "bob"]} == {k: shown[k] for k in ("full", "near")}
        assert ["bea", "bob", "dan", "eva", "fay", "gus"] == shown["look"]
        assert "cyd" not in shown["part"]


def test_a_row_leads_to_the_students_feedback(chromium, folder):
    own = folder / "students" / "ada"
    own.mkdir(parents=True)
    (own / "feedback.html").write_text(feedback_page(KEY, make_class()[0]), "utf-8")
    with Opened(chromium, folder / "index.html") as opened:
        opened.page.get_by_role("link", name="ada", exact=True).click()
        assert opened.page.url == (own / "feedback.html").as_uri()


# ------------------------------------------------------------------------------------- hostile


def test_hostile_names_and_messages_stay_text(chromium, folder):
    pages = ["hostile.html", *(f"hostile{number}.html" for number in range(len(HOSTILE) + 1))]
    for name in pages:
        with Opened(chromium, folder / name) as opened:
            opened.page.wait_for_timeout(20)
            assert [] == opened.said, name
            assert [(folder / name).as_uri()] == opened.asked
            assert opened.page.title().startswith("Small & simple – ")
            assert opened.page.locator("main img, main b:has-text('bold'), [onerror], [onmouseover]").count() == 0
    with Opened(chromium, folder / "hostile.html") as opened:
        text = opened.page.inner_text("#students")
        assert "<script>document.title='owned'</script>" in text
        assert "{{ 7 * 7 }}{% raw %}" in text


# --------------------------------------------------------------------------------------- large


def test_five_thousand_students_open_quickly(chromium, tmp_path):
    """Under two seconds of the page's own processor time, which does not depend on what runs beside."""
    made = make_class()
    write(tmp_path / "index.html", [grade(f"student{i:05}", made[i % 4].exercises) for i in range(5000)])
    context = chromium.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto((tmp_path / "index.html").as_uri())
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    assert metrics["TaskDuration"] < 2, metrics
    assert "5000 of 5000 students" == page.inner_text("#count")
    page.locator("th[data-key=mark] button").click()
    page.get_by_label("Name or id").fill("04999")
    assert ["student04999"] == ids(page)
    context.close()
