"""Finds the templates of pages and escapes what is put into them. Not here: any page."""

from __future__ import annotations

from jinja2 import Environment, FunctionLoader, StrictUndefined

from scheduler.content.assets import Assets

_FOLDER = "templates/web"


def page_environment(assets: Assets) -> Environment:
    """Templates are named from below templates/web; a name that is not given is an error."""
    return Environment(
        loader=FunctionLoader(lambda name: assets.text(f"{_FOLDER}/{name}")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
