"""What pages ask the server: all they show, by their own address below `/answer`."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

import orjson
from flask import Flask, Response, request

from control_tower_dash.pages.page import Page, answer_page, page_at
from control_tower_dash.services import Services

__all__ = ["ANSWERS", "register_answers"]

ANSWERS: Final = "/answer"


def register_answers(server: Flask, pages: Sequence[Page], services: Services) -> None:
    """Answer what a page shows: `/answer/queues?priority=high` fills `/queues?priority=high`.

    By an address of its own it can be asked for before Dash knows that it is wanted.
    """

    def answer(path: str = "") -> Response:
        # A page's path has its key as it stands in the address.
        address = f"/{quote(path)}"
        page = page_at(pages, address)
        if page is None:
            return Response("There is no such page.\n", status=404, mimetype="text/plain")
        search = request.query_string.decode("utf-8", "replace")
        found = answer_page(page, services, f"?{search}", address)
        return Response(orjson.dumps(found), mimetype="application/json")

    server.add_url_rule(f"{ANSWERS}/", "answer", answer)
    server.add_url_rule(f"{ANSWERS}/<path:path>", "answer", answer)
