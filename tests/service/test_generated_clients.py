"""Clients in Python and TypeScript are generated from the API's description, compile strictly, and run the demo."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.running import RunningService

HERE = Path(__file__).parent / "generated"
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService(tmp_path_factory.mktemp("generated")) as service:
        made = service.http.post("/v1/api-keys", json={"name": "generated clients", "scopes": ["plans:*"]})
        assert made.status_code == 201, made.text
        service.http.headers["Authorization"] = f"Bearer {made.json()['key']}"
        yield service


def access(running: RunningService) -> tuple[str, str]:
    """Address and key, as the demos want them."""
    return str(running.http.base_url), running.http.headers["Authorization"].removeprefix("Bearer ")


def run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, "PATH": PATH, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def check(told: dict[str, Any], running: RunningService) -> None:
    assert told["status"] == "succeeded"
    assert told["routes"] == running.http.get(f"/v1/rebalancing-plans/{told['id']}/routes").json()
    assert told["routes"]
    assert told["codes"] == ["unknown_city"]


def test_a_python_client_is_generated_whole_is_strictly_typed_and_runs_the_demo(
    running: RunningService, tmp_path: Path
):
    description = tmp_path / "openapi.json"
    description.write_bytes(running.http.get("/openapi.json").content)
    shutil.copy(HERE / "demo.py", tmp_path)
    options = ("--config", str(HERE / "python-client.yaml"), "--meta", "none", "--output-path", "evenfleet_client")
    # A warning is a piece of the description that it leaves out.
    run("openapi-python-client", "generate", "--path", str(description), *options, "--fail-on-warning", cwd=tmp_path)
    run(sys.executable, "-m", "mypy", "--strict", "--config-file", "", "demo.py", cwd=tmp_path)
    answer = run(sys.executable, "demo.py", *access(running), cwd=tmp_path, PYTHONPATH=str(tmp_path))
    check(json.loads(answer), running)


def test_a_typescript_client_is_generated_whole_is_strictly_typed_and_runs_the_demo(
    running: RunningService, tmp_path: Path
):
    if not (shutil.which("node") and shutil.which("npm")):
        told = "needs Node.js 20 or newer and npm: apt-get install nodejs npm"
        assert "CI" not in os.environ, told
        pytest.skip(told)
    shutil.copytree(HERE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "openapi.json").write_bytes(running.http.get("/openapi.json").content)
    run("npm", "ci", "--no-fund", "--no-audit", cwd=tmp_path)
    binaries = tmp_path / "node_modules/.bin"
    run(
        str(binaries / "openapi-typescript"),
        "openapi.json",
        "-o",
        "api.ts",
        "--default-non-nullable=false",
        cwd=tmp_path,
    )
    run(str(binaries / "tsc"), "--project", ".", cwd=tmp_path)
    check(json.loads(run("node", "built/demo.js", *access(running), cwd=tmp_path)), running)
