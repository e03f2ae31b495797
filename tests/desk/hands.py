"""Two ways to use a page: by mouse, and by keys alone."""

from typing import Protocol

from playwright.sync_api import Locator

MOST_LOOKS = 60  # at where the focus is, on the way to one element
# How many stops of the Tab key it is to an element, as far as the page tells; 0: the focus is there. Of radio
# buttons one is a stop, arrows lead on.
STOPS_TO = """element => {
    const focused = document.activeElement;
    if (focused === element) return { keys: 0 };
    if (element.type === "radio" && focused.type === "radio" && focused.name === element.name)
        return { key: "ArrowDown", keys: 1 };
    const kinds = "a[href], button, input, select, textarea, summary, [tabindex]";
    const names = new Set();
    const stops = [...document.querySelectorAll(kinds)]
        .filter((each) => each.tabIndex >= 0 && !each.disabled)
        .filter((each) => each.checkVisibility({ visibilityProperty: true }))
        .filter(({ type, name }) => type !== "radio" || (!names.has(name) && names.add(name)));
    const isBeside = (each) => each.type === "radio" && each.name === element.name;
    const target = element.type === "radio" ? stops.find(isBeside) : element;
    return { key: "Tab", keys: stops.indexOf(target) - stops.indexOf(focused) };
}"""


class Hands(Protocol):
    """What somebody does with a page."""

    def press(self, target: Locator) -> None:
        """Follow a link, press a button, or choose a box."""

    def write(self, field: Locator, text: str) -> None:
        """Write into a field; a day or a time as ISO 8601 has it."""


class Mouse:
    """Whoever clicks."""

    def press(self, target: Locator) -> None:
        """Click."""
        target.click()

    def write(self, field: Locator, text: str) -> None:
        """Fill a field in."""
        field.fill(text)


class Keyboard:
    """Whoever has no mouse: Tab to get there, then Enter or Space."""

    def press(self, target: Locator) -> None:
        """Go there, and press Enter, or Space on a box."""
        self._go_to(target)
        kind = target.get_attribute("type")
        target.page.keyboard.press("Space" if kind in ("radio", "checkbox") else "Enter")

    def write(self, field: Locator, text: str) -> None:
        """Go there and type, a day and a time as an American browser asks for them."""
        self._go_to(field)
        kind = field.get_attribute("type")
        if kind == "date":
            year, month, day = text.split("-")
            text = f"{month}{day}{year}"
        if kind == "time":
            hour, minute = map(int, text.split(":"))
            text = f"{hour % 12 or 12:02d}{minute:02d}{'PM' if hour >= 12 else 'AM'}"
        field.page.keyboard.type(text)

    def _go_to(self, target: Locator) -> None:
        """Look where it is, press Tab most of the way, and look again: a field of a day has several stops."""
        for _ in range(MOST_LOOKS):
            way = target.evaluate(STOPS_TO)
            if not way["keys"]:
                return
            for _ in range(max(1, way["keys"] - 2)):
                target.page.keyboard.press(way["key"])
        raise AssertionError(f"no key leads to {target}")
