"""The templates as one process of a run has compiled them, for the others: most of a server's start."""

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from tests.shared_run import folder


def keep_compiled_templates() -> None:
    """Let the apps that this process makes take each template that the run has compiled as it now reads."""
    place = folder() / "templates"
    place.mkdir(exist_ok=True)
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(place))}
