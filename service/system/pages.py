"""Pages for people: the front door and the API's documentation, with nothing fetched from outside."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

ASSETS = "/docs/assets"

FRONT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>evenfleet</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem;
       color: #1c2733; background: #fff }
pre { background: #f1f4f7; padding: .75rem 1rem; overflow-x: auto }
a { color: #0a5a9c }
@media (prefers-color-scheme: dark) { body { color: #dfe6ee; background: #14191f } pre { background: #1f2730 }
a { color: #7cc0ff } }
</style>
<h1>evenfleet</h1>
<p>Plans an e-mobility sharing fleet overnight. This is its HTTP service.</p>
<pre>curl {base}v1/rebalancing-plans -H 'Content-Type: application/json' \\
     -H 'Prefer: wait=30' -d '{"city": "goteborg", "limits": {"seconds": 10}}'</pre>
<ul>
<li><a href="/docs">The API, to read and to try</a> (<a href="/openapi.json">OpenAPI</a>)
<li><a href="/v1/demo-data">Ready request bodies</a>
<li><a href="/v1/rebalancing-plans">Plans</a>
<li><a href="/v1/limits">Limits</a>, <a href="/v1/version">version</a>, <a href="/readyz">readiness</a>
</ul>
</html>
"""


@router.get("/")
def front(request: Request) -> HTMLResponse:
    """The front door."""
    return HTMLResponse(FRONT.replace("{base}", escape(str(request.base_url))))


@router.get("/docs")
def docs() -> HTMLResponse:
    """The API's documentation, to read and to try."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="evenfleet API",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon.png",
        # Its validator badge would send the address of the schema to a host outside.
        swagger_ui_parameters={"validatorUrl": None},
    )


def mount_assets(app: FastAPI) -> None:
    """Serve Swagger UI's files out of the package that ships them."""
    folder = Path(str(files("fastapi_offline"))) / "static"
    app.mount(ASSETS, StaticFiles(directory=folder), name="docs-assets")
