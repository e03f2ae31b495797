"""The blueprint that every page of the desk hangs on."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
