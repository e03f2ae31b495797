"""The blueprint that the JSON API hangs on."""

from flask import Blueprint

from booking.extensions import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)  # no cookie proves anything here
