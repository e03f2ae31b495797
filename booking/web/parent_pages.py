"""Where an address that takes forms alone belongs: the nearest page above it."""

from flask import current_app, request


def find_parent_page() -> str | None:
    """Return the address of the nearest page above the one asked for; None where there is none."""
    adapter = current_app.create_url_adapter(request)
    steps = request.path.rstrip("/").split("/")
    parents = ("/".join(steps[:count]) for count in range(len(steps) - 1, 1, -1))
    pages = (parent for parent in parents if adapter and adapter.test(parent, "GET"))
    page = next(pages, None)
    return None if page is None else f"{request.script_root}{page}"
