"""The pages of staff's own accounts, apart from the desk's: here nobody sees a patient."""

from flask import Blueprint

blueprint = Blueprint("staff", __name__, url_prefix="/desk")
