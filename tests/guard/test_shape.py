"""The sizes and shapes of our code hold: what a newcomer can read in one sitting stays that way."""

from __future__ import annotations

import ast
import re

import pytest

from tests.guard.source import Function, Module, functions, modules

FILE_LINES, FUNCTION_LINES, PARAMETERS = 400, 40, 5
FORBIDDEN = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}

# Dotted name of the function: why it may be longer, or take more, than the others.
LONG: dict[str, str] = {}
WIDE: dict[str, str] = {}

EACH_MODULE = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


def lines_of(function: Function) -> int:
    """From `def` to the end; a docstring is free."""
    first = function.body[0]
    docstring = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def parameters_of(function: Function, is_method: bool) -> int:
    """Without self or cls."""
    given = function.args
    static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in function.decorator_list)
    return len(given.posonlyargs + given.args + given.kwonlyargs) - (is_method and not static)


@EACH_MODULE
def test_a_file_can_be_read_in_one_sitting(module: Module) -> None:
    assert len(module.text.splitlines()) <= FILE_LINES


@EACH_MODULE
def test_a_function_fits_on_one_screen(module: Module) -> None:
    long = {name: lines_of(one) for name, one, _ in functions(module) if lines_of(one) > FUNCTION_LINES}
    assert {name: lines for name, lines in long.items() if name not in LONG} == {}


@EACH_MODULE
def test_a_function_takes_few_parameters(module: Module) -> None:
    counts = {name: parameters_of(one, is_method) for name, one, is_method in functions(module)}
    assert {name: count for name, count in counts.items() if count > PARAMETERS and name not in WIDE} == {}


def test_every_allowance_is_still_needed() -> None:
    found = {name: (one, is_method) for module in modules() for name, one, is_method in functions(module)}
    assert [name for name in LONG if name not in found or lines_of(found[name][0]) <= FUNCTION_LINES] == []
    assert [name for name in WIDE if name not in found or parameters_of(*found[name]) <= PARAMETERS] == []


@EACH_MODULE
def test_a_module_says_its_one_job_first(module: Module) -> None:
    first = (ast.get_docstring(module.tree) or "").partition("\n")[0]
    assert re.match(r"[A-Z`].+?[.:;](\s|$)", first), f"{module.name} begins with {first!r}"


@EACH_MODULE
def test_nothing_is_called_by_a_name_that_says_nothing(module: Module) -> None:
    classes = [node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    words = {word.lower() for name in classes for word in re.findall(r"[A-Z][a-z]+", name)}
    words |= {word for part in module.name.split(".") for word in part.split("_")}
    assert words & FORBIDDEN == set()


@pytest.mark.parametrize(
    "module", [one for one in modules() if one.name.startswith("scheduler.domain")], ids=lambda module: module.name
)
def test_the_domain_s_data_is_frozen_and_slotted(module: Module) -> None:
    loose = [
        node.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and is_dataclass(node) and not is_frozen_and_slotted(node)
    ]
    assert loose == []


def is_dataclass(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(one) for one in node.decorator_list)


def is_frozen_and_slotted(node: ast.ClassDef) -> bool:
    said = " ".join(map(ast.unparse, node.decorator_list))
    return "frozen=True" in said and "slots=True" in said
