"""The blueprint that the patient's pages hang on."""

from flask import Blueprint

blueprint = Blueprint("site", __name__)
