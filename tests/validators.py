"""What the readers of our reports accept, by the schemas in tests/schemas."""

import json
from functools import cache
from pathlib import Path

import jsonschema
from lxml import etree

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def _json(name):
    schema = json.loads((SCHEMAS / name).read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@cache
def _xml(name):
    return etree.XMLSchema(etree.parse(SCHEMAS / name))


def _refuse_constant(name):
    raise AssertionError(f"{name} is no JSON")


def valid_json(name, text):
    """The value of a JSON text that holds to a schema."""
    value = json.loads(text, parse_constant=_refuse_constant)
    _json(name).validate(value)
    return value


def valid_xml(name, text):
    """The root of an XML text that holds to a schema."""
    root = etree.fromstring(text.encode("utf-8"), etree.XMLParser(resolve_entities=False, no_network=True))
    _xml(name).assertValid(root)
    return root
