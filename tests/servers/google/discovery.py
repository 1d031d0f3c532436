"""Routes, parameters, bodies and scopes as the discovery document states them. Not here: what a method does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import googleapiclient
from jsonschema import Draft202012Validator

from tests.servers.google.answers import ApiError, bad_request, invalid, required
from tests.servers.google.times import instant, known_zone

Json = dict[str, Any]
SCOPE = "https://www.googleapis.com/auth/"


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the document; ``request`` names the schema of its body."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    parameters: Mapping[str, Json]
    scopes: frozenset[str]
    request: str | None


@cache
def document() -> Json:
    """The document that ships with google-api-python-client."""
    path = Path(googleapiclient.__file__).parent / "discovery_cache/documents/calendar.v3.json"
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def methods() -> tuple[Method, ...]:
    return tuple(_methods(document()["resources"]))


def _methods(resources: Json) -> Iterator[Method]:
    for resource in resources.values():
        yield from _methods(resource.get("resources", {}))
        for one in resource.get("methods", {}).values():
            yield Method(
                id=one["id"],
                verb=one["httpMethod"],
                pattern=re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", one["path"])),
                parameters={**document()["parameters"], **one.get("parameters", {})},
                scopes=frozenset(one["scopes"]),
                request=one.get("request", {}).get("$ref"),
            )


def route(verb: str, path: str) -> tuple[Method, dict[str, str]]:
    """The method and its path parameters; ``path`` comes without "/calendar/v3/", still quoted.

    Raises: ApiError 404 for a path that the document does not know, 405 for another verb.
    """
    known = False
    # "events/import" is also a legal "events/{eventId}": the more literal path comes first.
    for method in sorted(methods(), key=lambda one: one.pattern.groups):
        match = method.pattern.fullmatch(path)
        known = known or bool(match)
        if match and method.verb == verb:
            return method, {name: unquote(value) for name, value in match.groupdict().items()}
    raise ApiError(405, "httpMethodNotAllowed", "Method Not Allowed") if known else ApiError(404, "notFound")


def read_query(method: Method, given: Mapping[str, list[str]]) -> dict[str, Any]:
    """Checked against the document: names, types, enums, bounds, repetition. A repeated one becomes a list."""
    allowed = {name: spec for name, spec in method.parameters.items() if spec["location"] == "query"}
    for name in given:
        if name not in allowed:
            raise bad_request(f"Unknown parameter: {name}")
    for name, spec in allowed.items():
        if spec.get("required") and name not in given:
            raise required(f"Required parameter: {name}", name)
    return {name: _read_values(name, values, allowed[name]) for name, values in given.items()}


def _read_values(name: str, values: list[str], spec: Json) -> Any:
    if spec.get("repeated"):
        return [_read_value(name, value, spec) for value in values]
    if len(values) > 1:
        raise invalid(f"Parameter {name} may stand only once", name)
    return _read_value(name, values[0], spec)


def _read_value(name: str, text: str, spec: Json) -> Any:
    if spec["type"] == "boolean":
        if text not in ("true", "false"):
            raise invalid(f"Invalid boolean value for {name}", name)
        return text == "true"
    if spec["type"] == "integer":
        return _read_integer(name, text, spec)
    if "enum" in spec and text not in spec["enum"]:
        raise invalid(f"Invalid string value for {name}. Allowed values: {spec['enum']}", name)
    if spec.get("format") == "date-time" and instant(text) is None:
        raise bad_request()
    if name == "timeZone" and not known_zone(text):
        raise invalid("Invalid time zone.", name)
    return text


def _read_integer(name: str, text: str, spec: Json) -> int:
    if not re.fullmatch(r"-?\d{1,10}", text):
        raise invalid(f"Invalid integer value for {name}", name)
    if not int(spec.get("minimum", -(2**31))) <= int(text) <= int(spec.get("maximum", 2**31 - 1)):
        raise invalid(f"Value of {name} is out of its range", name)
    return int(text)


def read_body(method: Method, data: bytes) -> Json:
    """Checked against the method's schema; a null counts as absent, but in a PATCH it stays: it takes away.

    Raises: ApiError parseError, invalid or required.
    """
    if method.request is None:
        return {}
    try:
        body = json.loads(data or b"{}")
    except ValueError:
        raise ApiError(400, "parseError", "Parse Error") from None
    if not isinstance(body, dict):
        raise ApiError(400, "parseError", "Parse Error")
    said = without_nulls(body)
    for error in sorted(_validator(method.id).iter_errors(said), key=lambda one: list(map(str, one.path))):
        where = ".".join(map(str, error.absolute_path))
        if error.validator == "required":
            raise required(f"Required: {error.message}", where)
        raise invalid(f"Invalid value at {where or 'the body'}: {error.message}", where)
    return body if method.verb == "PATCH" else said


def without_nulls(value: Json) -> Json:
    return {
        name: without_nulls(one) if isinstance(one, dict) else one for name, one in value.items() if one is not None
    }


@cache
def _validator(method_id: str) -> Draft202012Validator:
    method = next(one for one in methods() if one.id == method_id)
    schemas = {name: _json_schema(one, method_id) for name, one in document()["schemas"].items()}
    return Draft202012Validator({"$defs": schemas, "$ref": f"#/$defs/{method.request}"})


def _json_schema(schema: Json, method_id: str) -> Json:
    """The discovery dialect as JSON Schema: no unknown fields, int64 as string, required only where annotated."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type", "any")
    if kind == "object":
        return _json_object(schema, method_id)
    if kind == "array":
        return {"type": "array", "items": _json_schema(schema["items"], method_id)}
    if kind == "any":
        return {}
    return {"type": kind, **_json_string(schema)} if kind == "string" else {"type": kind}


def _json_object(schema: Json, method_id: str) -> Json:
    if "additionalProperties" in schema:
        return {"type": "object", "additionalProperties": _json_schema(schema["additionalProperties"], method_id)}
    properties = schema.get("properties", {})
    needed = [name for name, one in properties.items() if method_id in one.get("annotations", {}).get("required", ())]
    return {
        "type": "object",
        "properties": {name: _json_schema(one, method_id) for name, one in properties.items()},
        "additionalProperties": False,
        "required": needed,
    }


def _json_string(schema: Json) -> Json:
    if schema.get("format") == "int64":
        return {"pattern": r"^-?\d{1,19}$"}
    if schema.get("format") == "date":
        return {"pattern": r"^\d{4}-\d{2}-\d{2}$"}
    # The document lists the values of a body's field only in prose: - "opaque" - Default value. …
    if "reminder" in schema.get("description", ""):
        return {}  # an unknown method is dropped, not refused (fields)
    values = re.findall(r'^- "(\w+)" - ', schema.get("description", ""), re.MULTILINE)
    return {"enum": values} if len(values) > 1 else {}


@cache
def read_only(schema: str) -> frozenset[str]:
    """The fields of a schema that a client may send but never sets."""
    properties = document()["schemas"][schema]["properties"]
    told = {name for name, one in properties.items() if re.search(r"read-only", one.get("description", ""), re.I)}
    return frozenset(told | {"kind", "etag"})
