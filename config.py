"""Every setting and its default; docs/settings.md explains each one.

The environment has the last word: BOOKING_DATABASE_URL sets DATABASE_URL, and so on.
"""

from pathlib import Path

INSTANCE = Path(__file__).parent / "instance"
MIGRATIONS = Path(__file__).parent / "migrations"
DEMO_DATABASE_URL = f"sqlite:///{INSTANCE / 'demo.sqlite3'}"  # the default where DEMO is true


class Defaults:
    """Settings by name. An empty secret must be set before the service starts outside the demo."""

    DATABASE_URL = f"sqlite:///{INSTANCE / 'booking.sqlite3'}"
    REPLICA_URL = ""
    SECRET_KEY = ""
    AUDIT_KEY = ""
    FACTOR_KEY = ""
    PUBLIC_URL = "http://127.0.0.1:8000"
    TRUSTED_PROXIES = 0
    SECURE_COOKIES = True
    DEFAULT_LANGUAGE = "en"
    LIMITS_STORAGE_URL = "database://"
    API_BOOKING_LIMIT = "600 per minute"
    SHARED_ADDRESSES = ""
    MOST_ON_ONE_CONTACT = 6
    MOST_CALLS_AN_HOUR = 30
    STAFF_IDLE_MINUTES = 30
    SECOND_FACTOR_ROLES = "manager"
    TWILIO_ACCOUNT_SID = ""
    TWILIO_AUTH_TOKEN = ""
    TWILIO_FROM = ""
    TEXT_COUNTRIES = "US,CA"
    TWILIO_BASE_URL = "https://api.twilio.com"
    SMTP_URL = ""
    MAIL_FROM = ""
    METRICS_TOKEN = ""
    BACKUP_FOLDER = ""
    BACKUP_KEY = ""
    SCHEDULER_SECONDS = 5
    NOTICE_DELAY_MINUTES = 5
    CRISIS_ESCALATE_MINUTES = 15
    WAITLIST_HOLD_MINUTES = 15
    READINESS_HOUR = 18
    CHECK_MINUTES = 15
    RECOVERY_CHECK_MINUTES = 15
    OUTAGE_PLAN_SECONDS = 40
    CALENDAR_READ_MINUTES = 15
    CALENDAR_LOOPBACK = False
    RETAIN_RECORD_YEARS = 0
    RETAIN_MESSAGE_YEARS = 0
    RETAIN_DRAFT_YEARS = 0
    DEMO = False
    DEMO_PROVIDER_URL = ""
