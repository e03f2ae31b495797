"""Flask extensions, made once and bound to an app in `create_app`."""

from typing import Any, ClassVar

from flask import current_app, g, request
from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError, same_origin
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.orm import DeclarativeBase

from booking.db.engines import REPLICA


class Model(DeclarativeBase):
    """Base of every table. Constraints get predictable names, so that migrations can name them."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class LockingSession(Session):
    """A session in which a row that is locked by its key is as it is then, and that may read from a replica.

    SQLAlchemy keeps what was loaded of it before, which another may have changed until it was locked.
    """

    def get_bind(self, *args: Any, **options: Any) -> Engine | Connection:
        """Return the engine to ask: the primary's, or the replica's while a view may read from there."""
        if self.info.get(REPLICA) and not self.info.get("depth"):
            return db.engines[REPLICA]
        return super().get_bind(*args, **options)

    def get(self, *args: Any, with_for_update: Any = None, **options: Any) -> Any:
        """Return a row by its key, read anew where it is to be locked; unsaved changes are written first."""
        if with_for_update:
            options["populate_existing"] = True
        return super().get(*args, with_for_update=with_for_update, **options)


class CrossSiteForm(CSRFError):  # type: ignore[misc]  # Flask-WTF has no types
    """A form over HTTPS that came from another site's page, or hides which page it came from."""


class CsrfProtection(CSRFProtect):  # type: ignore[misc]  # Flask-WTF has no types
    """Flask-WTF's form tokens and, over HTTPS, its check of the page that a form came from.

    We know ourselves by two addresses: the public one, and the Host that a proxy hands on. The check of
    Flask-WTF (WTF_CSRF_SSL_STRICT) knows the second only, which not every proxy leaves as it was.
    """

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a change without a form token (`CSRFError`) or from another site (`CrossSiteForm`)."""
        super().protect(apply_exemptions)
        if g.get("csrf_valid", False) and request.is_secure and not is_from_own_page():
            raise CrossSiteForm


def is_from_own_page() -> bool:
    """Tell whether the browser says that this request comes from a page of ours (the Referer)."""
    own_hosts = (current_app.config["PUBLIC_URL"], request.host_url)
    return any(same_origin(request.referrer or "", address) for address in own_hosts)


# Objects stay readable after the commit, while a page is rendered from them.
db = SQLAlchemy(
    model_class=Model, session_options={"class_": LockingSession, "expire_on_commit": False}
)
migrate = Migrate()
csrf = CsrfProtection()
login = LoginManager()
# Sign-ins are kept at the server: nothing else is asked of the cookie
login.session_protection = None
babel = Babel()
