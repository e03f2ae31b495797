"""Statements that every migrated database refuses, and what it says against each."""

from tests.migrations.row_builders import ELEVEN, ONE, TEN

CLAIM = "INSERT INTO claim (resource_id, appointment_id, starts_at, ends_at) VALUES"
TRAIL = ("audit_entry", "audit_seal")
APPENDED_TABLES = (*TRAIL, "template_signature")
CHANGES = ("update", "delete", "insert")
APPENDED, FOREIGN, SAME_DAY = "append_only", "(?i)foreign key", "(?i)unique"
OVERLAP = "claim_resource_id_no_overlap"
BUSY = "appointment_patient_id_no_overlap"
REFUSED = [
    (f"{CLAIM} (1, 2, '2026-12-01 17:59:00', '2026-12-01 18:01:00')", OVERLAP),
    (f"{CLAIM} (1, 2, '{TEN}', '{ONE}')", OVERLAP),
    (f"UPDATE claim SET starts_at = '{TEN}', ends_at = '{ELEVEN}' WHERE id = 2", OVERLAP),
    ("UPDATE claim SET ends_at = '2026-12-01 18:01:00' WHERE id = 1", OVERLAP),
    (f"UPDATE appointment SET starts_at = '{TEN}', ends_at = '{ELEVEN}' WHERE id = 2", BUSY),
    ("UPDATE appointment SET is_infusion = (1 = 1), local_date = '2026-12-01' WHERE id = 2",
     SAME_DAY),
    ("UPDATE audit_entry SET actor = 'nobody'", APPENDED),
    ("DELETE FROM audit_entry", APPENDED),
    (f"{CLAIM} (1, 77, '2027-01-01 10:00:00', '2027-01-01 11:00:00')", FOREIGN),
    ("DELETE FROM location", FOREIGN),
    ("UPDATE appointment SET patient_id = 77 WHERE id = 1", FOREIGN),
    (f"{CLAIM} (1, 2, '{ONE}', '{TEN}')", "starts_before_it_ends"),
    ("UPDATE resource SET kind = 'sofa'", "ck_resource_resourcekind"),
]  # fmt: skip
