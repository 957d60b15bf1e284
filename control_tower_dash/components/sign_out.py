"""The button that ends a reader's session."""

from dash import html

__all__ = ["sign_out"]


def sign_out() -> html.Form:
    """Return the button; a form, since links can be followed by pages that are not ours."""
    return html.Form(
        html.Button("Sign out", type="submit", className="sign-out"),
        action="/sign-out",
        method="post",
    )
