"""The picture of the computational graph is drawn from the network's description."""

from pathlib import Path
from xml.etree import ElementTree

from grader.reports.graph import network_graph
from grader.texts import speaking

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("Affine", "ReLU", "Affine", "Sigmoid", "Loss")
TITLE = "The toy network: forward along the edges, backward along the arrows"


def test_the_handouts_picture_is_the_one_that_is_drawn():
    drawn = network_graph((4, 3, 2), LAYERS, TITLE)
    assert drawn.strip() == (ROOT / "solutions" / "network" / "graph.svg").read_text("utf-8").strip()


def test_a_picture_is_xml_with_a_title_and_a_description():
    root = ElementTree.fromstring(network_graph((2, 5, 3), LAYERS, "Another <network> & its size"))
    texts = {element.tag.rpartition("}")[2]: element.text for element in root}
    assert texts["title"] == "Another <network> & its size"
    assert texts["desc"]


def test_a_picture_for_german_students_is_labelled_in_german():
    with speaking("de"):
        drawn = network_graph((4, 3, 2), LAYERS, "Das Netz", wrong={"w1", "x"})
    texts = {"".join(element.itertext()) for element in ElementTree.fromstring(drawn).iter()}
    assert {"ein Sample", "eine Zahl", "hier entstehen ∂L/∂W₂, ∂L/∂b₂", "✗ falsch", "✗ falsch: ∂L/∂W₁"} <= texts
    assert not [text for text in texts if "wrong" in text or "leaves" in text or "Columns" in text]
