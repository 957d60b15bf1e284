"""Where a reader may be sent after signing in."""

import pytest

from control_tower_dash.serving.sign_in.admission import local_path


@pytest.mark.parametrize("path", ["/", "/capacity", "/?group=Tier%201&period=7d", "/ticket/7"])
def test_own_paths_are_kept(path: str) -> None:
    """With their filters."""
    assert local_path(path) == path


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        7,
        "",
        "capacity",
        "//evil.example.com",
        "/\\evil.example.com",
        "https://evil.example.com",
        "javascript:alert(1)",
        "/\t/evil.example.com",
        "/\n/evil.example.com",
        " //evil.example.com",
    ],
)
def test_anything_else_is_the_first_page(wanted: object) -> None:
    """No address of another host, in whatever disguise."""
    assert local_path(wanted) == "/"
