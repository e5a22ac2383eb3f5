"""Validators of the schemas in docs/schemas, which may refer to each other by file name."""

import json
import pathlib

import jsonschema
import referencing
from referencing.jsonschema import DRAFT202012


def validator(path):
    """Of the schema in a file; relative references are to files beside it."""
    path = pathlib.Path(path)
    schemas = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in path.parent.glob("*.schema.json")}
    registry = referencing.Registry().with_resources(
        (name, DRAFT202012.create_resource(schema)) for name, schema in schemas.items())
    jsonschema.Draft202012Validator.check_schema(schemas[path.name])
    return jsonschema.Draft202012Validator(schemas[path.name], registry=registry)
