"""The whole way in Spanish by keyboard alone: nothing is clicked, and each stop can be seen."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from booking.appointments.models import Appointment, PatientNote
from booking.appointments.rules import Status
from booking.extensions import db
from booking.waitlist.models import WaitlistEntry
from tests.browser import ON_A_PHONE_AND_A_DESK, OpenPage
from tests.builders import a_clinic
from tests.server import Server, app_beside
from tests.site.listed import ask_in_a_list

MOST_STOPS = 150  # more than any page has
HAS_FOCUS = "element => element === document.activeElement"
# What has the focus lies within the window and has an outline, or is a part of what has one.
CAN_BE_SEEN = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const within = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return within && getComputedStyle(document.activeElement).outlineStyle !== "none";
}"""


@pytest.fixture(autouse=True)
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, with a clinic that asks in a list."""
    with app_beside(server) as made:
        a_clinic()
        ask_in_a_list()
        yield made


class Keyboard:
    """Hands that have no mouse: Tab to what is meant, and a key on it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, target: Locator) -> None:
        """Press Tab until it has the focus; each stop on the way must be seen."""
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(CAN_BE_SEEN), self.page.evaluate(
                "document.activeElement.outerHTML"
            )
            if target.evaluate(HAS_FOCUS):
                return
        raise AssertionError(f"Tab never comes to {target}")

    def enter(self) -> None:
        """Press Enter, which leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def follow(self, role: str, name: str) -> None:
        """Go to a link or a button by its name, and press Enter on it."""
        self.go_to(self.page.get_by_role(role, name=re.compile(name)).first)  # type: ignore[arg-type]
        self.enter()

    def tick(self, name: str) -> None:
        """Go to a checkbox by its name, and press Space on it."""
        self.go_to(self.page.get_by_role("checkbox", name=re.compile(name)))
        self.page.keyboard.press("Space")

    def write(self, label: str, text: str) -> None:
        """Go to a field and type into it."""
        self.go_to(self.page.get_by_label(re.compile(label)).first)
        self.page.keyboard.type(text)

    def expect_title(self, text: str) -> None:
        """Wait for the page of this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text)


def give_birth_date(hands: Keyboard) -> None:
    for label, text in (("^Mes", "2"), ("^Día", "29"), ("^Año", "1980")):
        hands.write(label, text)


def answer_no(hands: Keyboard) -> None:
    """A group of two takes one stop, and an arrow chooses; the list ends with none of these."""
    for number in range(hands.page.get_by_role("radio", name="No", exact=True).count()):
        hands.go_to(hands.page.get_by_role("radio", name="Sí", exact=True).nth(number))
        hands.page.keyboard.press("ArrowRight")
    hands.tick("Ninguna de estas")


def book(hands: Keyboard) -> None:
    hands.follow("link", "^Español$")
    hands.follow("link", "^Más horarios")
    hands.expect_title("Elija una hora")
    hands.go_to(hands.page.locator(".month a").nth(3))
    hands.enter()
    hands.go_to(hands.page.locator("button.slot").nth(1))
    hands.enter()
    hands.expect_title("Unas preguntas de seguridad")
    give_birth_date(hands)
    answer_no(hands)
    hands.follow("button", "^Continuar$")
    hands.expect_title("¿Para quién es la cita?")
    hands.write("^Nombre", "María")
    hands.write("^Apellido", "Peña")
    hands.write("^Número de teléfono", "602 555 0123")
    hands.write("^Correo", "maria@example.com")
    hands.tick("^Envíenme")
    hands.enter()  # as in any field
    hands.expect_title("Revisar y reservar")
    hands.follow("button", "^Reservar esta cita$")
    hands.expect_title("Su cita está reservada")


def use_own_page(hands: Keyboard) -> None:
    hands.follow("link", "^La página de su cita$")
    hands.follow("link", "^Cambiar esta cita$")
    hands.expect_title("Elija una hora nueva")
    hands.go_to(hands.page.locator("a.slot").last)
    hands.enter()
    hands.expect_title("¿Cambiar esta cita?")
    hands.follow("button", "^Cambiar la cita$")
    hands.expect_title("Su cita")
    hands.follow("link", "^Avísenme si hay una cita más pronto$")
    hands.tick("^Lunes$")
    hands.follow("button", "^Anótenme en la lista$")
    hands.expect_title("Está en la lista para una cita más pronto")
    hands.follow("link", "^Regresar$")
    hands.follow("link", "^Díganos algo sobre esta cita$")
    hands.write("^Su nota", "Voy en silla de ruedas.")
    hands.follow("button", "^Enviar$")
    hands.expect_title("Recibimos su nota")
    hands.follow("link", "^La página de su cita$")
    hands.follow("link", "^Ver todas sus citas$")
    give_birth_date(hands)
    hands.follow("button", "^Mostrar mis citas$")
    hands.expect_title("Sus citas")
    hands.follow("link", "^Ver, cambiar o cancelar")
    hands.follow("link", "^Cancelar esta cita$")
    hands.follow("button", "^Cancelar la cita$")
    expect(hands.page.get_by_text("Cancelada", exact=True)).to_be_visible()


@ON_A_PHONE_AND_A_DESK
def test_all_of_it_is_done_without_a_mouse(server: Server, open_page: OpenPage, width: int) -> None:
    page = open_page(width)
    page.goto(server.url)
    hands = Keyboard(page)
    book(hands)
    use_own_page(hands)
    appointment = db.session.scalars(db.select(Appointment)).one()
    assert (appointment.status, appointment.sequence > 0) == (Status.CANCELLED, True)
    assert db.session.scalars(db.select(PatientNote.body)).all() == ["Voy en silla de ruedas."]
    (entry,) = db.session.scalars(db.select(WaitlistEntry))
    assert 0 not in entry.wish["weekdays"]
