"""The real command: it starts, says where, answers from several processes, and stops."""

import json
import signal
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from tests.dashboard.serving.tower import ask, command, environment, free_port, serving
from tests.dashboard.tiny_desk import publish_generation


def refused(data_dir: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """Return how a command that cannot serve ends: its code and what it says."""
    outcome = subprocess.run(
        command(*arguments),
        env=environment(data_dir, settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return outcome.returncode, (outcome.stdout + outcome.stderr).strip()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(tmp_path: Path, ending: signal.Signals) -> None:
    """It says where it is and how to stop it, and ends without a word and without an error."""
    publish_generation(tmp_path, 1)
    with serving(tmp_path) as (address, process):
        assert ask(f"{address}/readyz").status == 200
        assert json.loads(ask(f"{address}/version").body)["snapshot_id"].endswith("-00000001")
        process.send_signal(ending)
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        assert said == f"Dashboard at {address} (Ctrl+C stops it)\n"


def test_in_json_every_line_is_an_object(tmp_path: Path) -> None:
    """Where it is, what readers did wrong, and a trace in one line, from master and workers."""
    publish_generation(tmp_path, 1)
    user = f"ada:{generate_password_hash('correct horse')}"
    with serving(tmp_path, log_format="json", sign_in="basic", basic_users=user) as (
        address,
        process,
    ):
        wrong = {"Authorization": f"Basic {b64encode(b'ada:wrong').decode()}"}
        assert ask(f"{address}/version", None, **wrong).status == 401
        right = {"Authorization": f"Basic {b64encode(b'ada:correct horse').decode()}"}
        # The published tables lack nearly every column, so that each figure of a page fails.
        assert ask(f"{address}/answer/", None, **right).status == 200
        process.terminate()
        said, _ = process.communicate(timeout=30)
    lines = [json.loads(line) for line in said.splitlines()]
    assert lines[0]["event"] == "dashboard started"
    assert lines[0]["address"] == address
    assert any("sign-in failed for 'ada'" in line["event"] for line in lines)
    assert any("Traceback" in line.get("exception", "") for line in lines)


def test_it_starts_before_anything_is_published(tmp_path: Path) -> None:
    """It says how to publish, and fills as soon as that is done."""
    with serving(tmp_path) as (address, process):
        assert ask(f"{address}/readyz").status == 503
        assert b"_dash-config" in ask(f"{address}/").body
        publish_generation(tmp_path, 1)
        assert ask(f"{address}/readyz").status == 200
        process.terminate()
        said, _ = process.communicate(timeout=30)
    assert "run make pipeline" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "build.duckdb",
        "ops.duckdb",
        "published",
    ]


def test_a_port_in_use_is_told_of(tmp_path: Path) -> None:
    """At once, in one sentence, with what to do."""
    with serving(tmp_path) as (address, _):
        port = address.rsplit(":", 1)[1]
        code, said = refused(tmp_path, "--port", port)
    assert code == 1
    assert said == (
        f"control-tower: port {port} is in use; stop what uses it or choose another with --port"
    )


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "says"),
    [
        (["--port", "70000"], {}, 2, "CONTROL_TOWER_PORT: '70000' is not usable"),
        (["--workers", "0"], {}, 2, "CONTROL_TOWER_WORKERS: '0' is not usable"),
        (["--host", "0.0.0.0"], {}, 2, "without sign-in the dashboard listens on this machine"),  # noqa: S104
        (["--host", "0.0.0.0"], {"allow_open_access": "true"}, 2, "CONTROL_TOWER_PUBLIC_URL"),  # noqa: S104
        (["--host", "192.0.2.1"], {"sign_in": "proxy"}, 2, "CONTROL_TOWER_PUBLIC_URL"),
        ([], {"sign_in": "proxy"}, 2, "sign-in proxy needs CONTROL_TOWER_TRUSTED_PROXIES"),
        ([], {"sign_in": "basic"}, 2, "sign-in basic needs CONTROL_TOWER_BASIC_USERS"),
        ([], {"sign_in": "basic", "basic_users": "ada:plain"}, 1, "user 'ada' is not usable"),
        ([], {"sign_in": "oidc"}, 2, "sign-in oidc needs CONTROL_TOWER_OIDC_ISSUER"),
        ([], {"sign_in": "magic"}, 2, "CONTROL_TOWER_SIGN_IN: 'magic' is not usable"),
        ([], {"trusted_proxies": "here"}, 2, "write addresses or networks"),
        (
            ["--host", "192.0.2.1"],
            {"sign_in": "proxy", "trusted_proxies": "::1", "allowed_hosts": "x"},
            1,
            "192.0.2.1 is not an address of this machine",
        ),
    ],
)
def test_what_cannot_be_served_is_told_of(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], code: int, says: str
) -> None:
    """In one sentence, without a trace; nothing is served."""
    ended, said = refused(tmp_path, *arguments, **settings)
    assert ended == code
    assert says in said
    assert len(said.splitlines()) == 1


def test_secrets_have_to_be_long_and_connections_private(tmp_path: Path) -> None:
    """Each thing the sign-in needs is asked for by name, one after the other."""
    given = {"sign_in": "oidc", "oidc_issuer": "http://provider.example.com"}
    for name, value, says in (
        ("oidc_client_id", "tower", "CONTROL_TOWER_OIDC_CLIENT_ID"),
        ("oidc_client_secret", "hidden-in-the-environment", "CONTROL_TOWER_OIDC_CLIENT_SECRET"),
        ("public_url", "https://tower.example.com", "CONTROL_TOWER_PUBLIC_URL"),
        ("session_secret", "s" * 32, "CONTROL_TOWER_SESSION_SECRET of 32"),
        ("oidc_allowed_groups", "support", "CONTROL_TOWER_OIDC_ALLOWED_DOMAINS"),
        ("oidc_issuer", "https://provider.example.com", "needs https in http://provider"),
    ):
        code, said = refused(tmp_path, "--port", str(free_port()), **given)
        assert (code, says in said) == (2, True)
        assert "hidden" not in said
        given[name] = value


def test_no_other_command_imports_the_dashboard() -> None:
    """What lands tickets at night does not wait for a web server's imports."""
    script = (
        "import sys, control_tower.cli; "
        "print([n for n in sys.modules if n.split('.')[0] in "
        "('dash', 'flask', 'gunicorn', 'plotly', 'control_tower_dash')])"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert outcome.stdout.strip() == "[]"
