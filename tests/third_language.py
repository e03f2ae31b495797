"""What the desk's forms have in the languages of the service in the current directory, as JSON."""

import json
import sys
from datetime import date

from werkzeug.datastructures import MultiDict

from booking import create_app
from booking.desk.schedule_templates.template_form import TemplateForm
from booking.desk.setup.versions import list_question_groups, parse_questions

TEXTS = {"en": "A question?", "es": "¿Una pregunta?", "fr": "Une question ?"}
SECTION = {
    "approved_by": "Dr. Reyes",
    "questions": [{"slug": "a-question", "leads_to": "flagged", "texts": TEXTS}],
}
NAMES = MultiDict({"name_en": "A template", "name_fr": "Un modèle"})

app = create_app({"SECRET_KEY": "for a test only", "DATABASE_URL": "sqlite:///french.sqlite3"})
with app.test_request_context("/desk/"):
    groups = list_question_groups(SECTION, {})
    posted = {each.name: each.value for group in groups for each in group.fields}
    forms = {
        "labels": [each.label for group in groups for each in group.fields],
        "texts": parse_questions(SECTION, posted, date.min)["questions"][0]["texts"],
        "names": [(str(field.label.text), field.data) for field in TemplateForm(NAMES).name_fields],
    }
    sys.stdout.write(json.dumps(forms))
