"""A little of everything, as plain rows: at least one for each table, by the revision it came with.

A migration that makes a table adds a row here; a test names the tables that have none.
"""

from typing import Any

NOW = "2026-11-30 15:00:00.000000"
TEN, ELEVEN = "2026-12-01 17:00:00.000000", "2026-12-01 18:00:00.000000"
NOON, ONE = "2026-12-01 19:00:00.000000", "2026-12-01 20:00:00.000000"
TWO = "2026-12-01 21:00:00.000000"
DIGEST = "0" * 64
Row = tuple[str, dict[str, Any]]


def appointment(number: int, starts: str, ends: str, **changed: Any) -> Row:
    """Return one of patient 1's appointments, a booked infusion."""
    row = {
        "id": number, "reference": f"ABC-{number:04d}", "token": f"token{number}",
        "uid": f"{number}@visits", "sequence": 0, "status": "booked", "service_id": 1,
        "location_id": 1, "patient_id": 1, "starts_at": starts, "ends_at": ends,
        "local_date": "2026-12-01", "needs": "[]", "is_infusion": True, "origin": "desk",
        "created_at": NOW, "note": "", "version": 1, **changed,
    }  # fmt: skip
    return ("appointment", row)


def claim(appointment_id: int, starts: str, ends: str, **changed: Any) -> Row:
    """Return a claim on resource 1; it gets its id from the database."""
    row = {"resource_id": 1, "appointment_id": appointment_id, "starts_at": starts, "ends_at": ends}
    return ("claim", {**row, **changed})


HELD = {"status": "pending", "patient_id": None, "expires_at": NOW, "is_infusion": False}
ROWS: dict[str, list[Row]] = {
    "0001": [
        ("audit_entry", {"id": 1, "at": NOW, "actor": "cli", "action": "load",
                         "subject_kind": "location", "subject_id": 1, "facts": "{}"}),
        ("audit_seal", {"id": 1, "last_entry_id": 1, "digest": DIGEST, "sealed_at": NOW}),
        ("catalogue", {"id": 1, "version": 1}),
        ("idempotency_key", {"scope": "api", "key": "a", "digest": DIGEST, "status": 201,
                             "answer": "{}", "created_at": NOW}),
        ("location", {"id": 1, "slug": "ahwatukee", "name": "A", "neutral_name": "A",
                      "time_zone": "America/Phoenix", "address": "1 Example Street",
                      "phone": "+16025550100", "email": "a@example.com", "emergency_room": "E",
                      "position": 1, "active": True}),
        ("questionnaire", {"version": 1, "digest": DIGEST, "approved_by": "Test",
                           "questions": "[]", "created_at": NOW}),
        ("service", {"id": 1, "slug": "infusion", "names": "{}", "minutes": 60,
                     "notice_minutes": 0, "horizon_days": 60, "step_minutes": 15,
                     "price_cents": 15000, "needs": "[]", "is_infusion": True,
                     "bookable_online": False, "active": True}),
        ("staff", {"id": 1, "slug": "one", "name": "One", "role": "practitioner",
                   "email": "one@example.com", "watches": 0, "active": True}),
        ("calendar_day", {"location_id": 1, "local_date": "2026-12-01", "version": 1}),
        ("closure", {"id": 1, "location_id": 1, "first_day": "2026-12-24",
                     "last_day": "2026-12-25", "name": "Closed"}),
        ("opening_hours", {"id": 1, "location_id": 1, "weekday": 1, "opens": "09:00:00",
                           "closes": "17:00:00", "valid_from": "2026-01-01"}),
        ("resource", {"id": 1, "kind": "chair", "name": "1", "location_id": 1, "position": 1,
                      "active": True, "created_at": NOW}),
        ("shift", {"id": 1, "staff_id": 1, "location_id": 1, "weekday": 1, "begins": "09:00:00",
                   "ends": "17:00:00", "valid_from": "2026-01-01"}),
        ("staff_session", {"id": 1, "key_digest": DIGEST, "staff_id": 1, "signed_in_at": NOW,
                           "seen_at": NOW}),
        ("task", {"id": 1, "kind": "call_back", "owner": "front_desk",
                  "subject_kind": "call_request", "subject_id": 1, "details": "{}",
                  "due_at": NOW, "created_at": NOW, "note": ""}),
    ],
    "0002": [
        ("patient", {"id": 1, "given_name": "Test", "family_name": "Person",
                     "family_key": "person", "birth_date": "1980-02-29", "language": "en",
                     "created_at": NOW}),
        appointment(1, TEN, ELEVEN),
        appointment(2, NOON, ONE, local_date="2026-12-02", is_infusion=False),
        appointment(3, NOON, ONE, **HELD),
        claim(1, TEN, ELEVEN),
        claim(2, NOON, ONE),
        claim(3, ELEVEN, NOON, expires_at=NOW),
        ("booking_draft", {"appointment_id": 3, "details": "{}"}),
        ("screening_response", {"id": 1, "appointment_id": 3, "version": 1,
                                "birth_date": "1980-02-29", "answers": "{}",
                                "outcome": "go_on", "answered_at": NOW}),
        ("call_request", {"id": 1, "name": "T", "phone": "+16025550123", "note": "",
                          "created_at": NOW}),
        ("consent", {"id": 1, "patient_id": 1, "phone": "+16025550123", "granted": True,
                     "wording": "Text me", "given_at": NOW}),
        ("flag", {"id": 1, "kind": "call_first", "questions": "[]", "birth_date": "1980-02-29",
                  "patient_id": 1, "raised_at": NOW}),
        ("suitability", {"id": 1, "patient_id": 1, "finding": "suitable", "found_by_id": 1,
                         "found_at": NOW, "note": ""}),
    ],
    "0003": [
        ("schedule_template", {"id": 1, "slug": "recommended", "version": 1, "digest": DIGEST,
                               "approved_by": "Test", "data": "{}", "position": 1,
                               "active": True, "created_at": NOW}),
        ("infusion_series", {"id": 1, "patient_id": 1, "template_id": 1, "location_id": 1,
                             "status": "active", "phases": "[]", "preferences": "{}",
                             "first_day": "2026-12-01", "prescribed_by_id": 1,
                             "prescribed_at": NOW, "note": "", "next_look_at": NOW}),
        ("session", {"id": 1, "series_id": 1, "number": 1, "phase": 0, "state": "booked",
                     "appointment_id": 1}),
    ],
    "0004": [
        ("clinic_load", {"id": 1, "digest": DIGEST, "rows": "{}", "loaded_at": NOW}),
        ("heartbeat", {"worker": "one", "at": NOW}),
        ("inbound", {"id": 1, "provider_id": "SM1", "sender": "+16025550123",
                     "recipient": "+16025550100", "body": "1", "received_at": NOW,
                     "meaning": "confirm"}),
        ("message", {"id": 1, "topic": "visit:1", "revision": 0, "kind": "booked",
                     "channel": "sms", "recipient": "+16025550123", "subject": "", "body": "B",
                     "language": "en", "time_zone": "America/Phoenix", "immediate": True,
                     "send_at": NOW, "expires_at": TEN, "status": "planned", "tries": 1,
                     "created_at": NOW}),
        ("opt_out", {"id": 1, "phone": "+16025550124", "since": NOW, "source": "text"}),
        ("reminder_policy", {"version": 1, "digest": DIGEST, "rules": "[]", "created_at": NOW}),
        ("attempt", {"message_id": 1, "number": 1, "started_at": NOW}),
        ("derivation", {"appointment_id": 2, "version": 1}),
    ],
    "0007": [
        ("staff_device", {"id": 1, "staff_id": 1, "key_digest": DIGEST, "added_at": NOW}),
        ("sign_in_tries", {"counter": "device:1", "failures": 1, "last_at": NOW}),
    ],
    "0009": [("rate_window", {"key": "LIMITS:a", "count": 1, "ends_at": NOW})],
    "0010": [
        ("patient_change", {"id": 1, "patient_id": 1, "field": "phone", "old": "+16025550123",
                            "new": "+16025550124", "changed_at": NOW, "changed_by_id": 1}),
        ("interrupted_form", {"key": "a", "staff_id": 1, "path": "/desk/patients/new",
                              "fields": "[]", "kept_at": NOW}),
    ],
    "0014": [
        ("appointment_contact", {"appointment_id": 3, "given_name": "Test",
                                 "family_name": "Person", "phone": "+16025550123",
                                 "email": "person@example.com", "language": "en"}),
    ],
    "0015": [
        ("waitlist_entry", {"id": 1, "appointment_id": 2, "wish": "{}", "status": "waiting",
                            "joined_at": NOW, "queued_at": NOW}),
        ("waitlist_offer", {"id": 1, "entry_id": 1, "token": "offer", "hold_id": 3,
                            "location_id": 1, "starts_at": NOON, "local_date": "2026-12-01",
                            "status": "open", "offered_at": NOW, "expires_at": TEN}),
    ],
    "0019": [
        ("patient_note", {"id": 1, "appointment_id": 2, "body": "I come by bus.", "written_at": NOW}),
        ("late_arrival", {"appointment_id": 2, "minutes": 10, "announced_at": NOW}),
    ],
    "0020": [
        ("readiness_response", {"appointment_id": 1, "sequence": 0, "has_ride": True,
                                "is_fasting": True, "is_well": False, "answered_at": NOW}),
    ],
    "0021": [
        ("screening_submission", {"id": 1, "history_key": "browser", "version": 1,
                                  "birth_date": "1980-02-29", "answers": "{}",
                                  "outcome": "help_first", "answered_at": NOW}),
    ],
    "0022": [
        ("mood_schedule", {"id": 1, "series_id": 1, "every_days": 7, "started_at": NOW,
                           "started_by_id": 1}),
        ("mood_form", {"id": 1, "schedule_id": 1, "series_id": 1, "token": "form",
                       "due_on": "2026-12-01", "asked_at": NOW, "expires_at": TEN,
                       "answers": "[0, 0, 0, 0, 0, 0, 0, 0, 0]", "score": 0, "answered_at": NOW}),
    ],
    "0024": [
        ("series_revision", {"id": 1, "series_id": 1, "first_number": 2, "phases_before": "[]",
                             "phases_after": "[]", "revised_by_id": 1, "revised_at": NOW,
                             "reason": "Test"}),
    ],
    "0025": [("outage", {"id": 1, "resource_id": 1, "starts_at": TWO})],
    "0026": [
        ("template_signature", {"id": 1, "template_id": 1, "signed_by_id": 1, "signer_name": "One",
                                "statement": "Checked", "reason": "Test", "digest": DIGEST,
                                "signed_at": NOW}),
        ("template_draft", {"id": 1, "slug": "recommended", "base_version": 1, "data": "{}",
                            "saved_by_id": 1, "saved_at": NOW}),
        ("template_retirement", {"id": 1, "slug": "recommended", "reason": "Test",
                                 "retired_by_id": 1, "retired_at": NOW}),
    ],
    "0029": [
        ("series_pause", {"id": 1, "series_id": 1, "first_day": "2026-12-01", "paused_by_id": 1,
                          "paused_at": NOW, "reason": "Test", "decision_reason": ""}),
    ],
    "0030": [
        ("patient_absence", {"id": 1, "patient_id": 1, "first_day": "2026-12-20",
                             "last_day": "2026-12-27", "recorded_by_id": 1, "recorded_at": NOW}),
    ],
    "0031": [
        ("planner_rates", {"id": 1, "slug": "clinic", "rates": "{}", "active": True}),
        ("series_authorisation", {"id": 1, "series_id": 1, "reference": "A-1", "sessions": 12,
                                  "first_day": "2026-12-01", "last_day": "2027-03-01",
                                  "recorded_by_id": 1, "recorded_at": NOW}),
    ],
    "0032": [
        ("outage_case", {"id": 1, "outage_id": 1, "reason": "Test", "status": "applied",
                         "recorded_by_id": 1, "recorded_at": NOW, "plan_again_at": NOW}),
        ("outage_plan", {"id": 1, "case_id": 1, "scope": "all_locations", "method": "jointly",
                         "moves": "[]", "unplaced": 0, "least_unplaced": 0,
                         "one_by_one_unplaced": 1, "made_at": NOW}),
        ("affected_patient", {"id": 1, "case_id": 1, "patient_id": 1, "token": "choice",
                              "status": "asked", "asked_at": NOW, "answer_by": TEN}),
        ("affected_appointment", {"id": 1, "affected_patient_id": 1, "appointment_id": 2,
                                  "sequence": 0, "old_location_id": 1, "old_starts_at": NOON}),
    ],
    "0033": [
        ("spacing_order", {"id": 1, "series_id": 1, "rule": "{}", "reason": "Test",
                           "ordered_by_id": 1, "ordered_at": NOW, "considered_until": NOW}),
        ("spacing_proposal", {"id": 1, "series_id": 1, "order_id": 1, "form_id": 1, "from_days": 7,
                              "to_days": 14, "status": "open", "proposed_at": NOW, "reason": ""}),
    ],
    "0035": [
        ("series_decision", {"id": 1, "series_id": 1, "kind": "healed", "decided_by_id": 1,
                             "decided_at": NOW, "reason": "Test", "details": "{}"}),
    ],
    "0039": [
        ("calendar_feed", {"id": 1, "token": "feed", "location_id": 1, "created_at": NOW,
                           "created_by_id": 1}),
    ],
    "0040": [
        ("appointment_change", {"id": 1, "appointment_id": 2, "action": "cancel", "actor": "staff:1",
                                "made_at": NOW, "version": 2, "notice_at": TEN, "details": "{}"}),
    ],
    "0041": [
        ("staff_invitation", {"id": 1, "staff_id": 1, "token_digest": DIGEST, "made_at": NOW,
                              "expires_at": TEN}),
    ],
    "0042": [
        ("totp_factor", {"staff_id": 1, "secret": "-", "made_at": NOW}),
        ("recovery_code", {"id": 1, "staff_id": 1, "code_hash": "-", "made_at": NOW}),
    ],
    "0043": [("patient_merge", {"id": 1, "survivor_id": 1, "merged_id": 1, "details": "{}",
                                "merged_at": NOW, "merged_by_id": 1})],
    "0044": [("staff_note", {"id": 1, "patient_id": 1, "appointment_id": 1, "body": "Test",
                             "is_clinical": False, "written_by_id": 1, "written_at": NOW})],
    "0047": [("treatment_day", {"appointment_id": 1, "seated_at": TEN, "checks": "[]"})],
    "0048": [
        ("on_call_turn", {"id": 1, "staff_id": 1, "time_zone": "America/Phoenix", "added_by_id": 1,
                          "first_day": "2026-11-30", "begins": "18:00:00", "added_at": NOW,
                          "last_day": "2026-12-01", "ends": "08:00:00"}),
    ],
    "0052": [("email_preference", {"id": 1, "address": "person@example.com", "token": "mail",
                                   "created_at": NOW, "stopped_at": NOW})],
    "0054": [("restoration", {"id": 1, "backed_up_at": NOW, "restored_at": TEN})],
    "0055": [
        ("passkey", {"id": 1, "staff_id": 1, "name": "Phone", "credential_id": "-", "credential": "-",
                     "sign_count": 1, "added_at": NOW}),
        ("passkey_challenge", {"digest": "-", "staff_id": 1, "made_at": NOW}),
    ],
}  # fmt: skip
