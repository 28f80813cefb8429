"""Pictures that nodes offer to choose from, and the addresses at which the browser sees them."""

from __future__ import annotations

import io
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import folder_paths

from ...s2i.codes.style_file import read_swatch
from ...s2i.errors import S2IError
from ...s2i.imaging.files.picture_files import load_image
from ...s2i.imaging.files.suffixes import SUFFIXES
from ...s2i.imaging.pixels.layouts import image_to_uint8
from .model_choices import STYLES

EXAMPLES = Path(__file__).resolve().parents[2] / "art"
OF_INPUT = " [input]"  # how ComfyUI marks a file of its input folder
THUMBNAIL = 160
_SHOWN = (*SUFFIXES, ".gif")  # a page among the uploads would run in ComfyUI's name


def example_names() -> list[str]:
    return sorted(p.relative_to(EXAMPLES).as_posix() for p in EXAMPLES.glob("*/*") if p.suffix.lower() in SUFFIXES)


def picture_path(name: str) -> Path | None:
    """The file behind a name: an example, or "NAME [input]" for one of ComfyUI's input folder; or None."""
    if name in example_names():
        return EXAMPLES / name
    if not name.endswith(OF_INPUT):
        return None
    folder = Path(folder_paths.get_input_directory()).resolve()
    path = (folder / name.removesuffix(OF_INPUT)).resolve()
    return path if path.is_file() and folder in path.parents else None


@lru_cache(maxsize=256)
def _thumbnail(path: str, modified: int) -> bytes:
    from PIL import Image

    picture = Image.fromarray(image_to_uint8(load_image(path)))
    picture.thumbnail((THUMBNAIL, THUMBNAIL), Image.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()


async def _picture(request: Any) -> Any:
    from aiohttp import web

    path = picture_path(request.query.get("name", ""))
    if path is None or path.suffix.lower() not in _SHOWN:
        return web.Response(status=404)
    if "thumbnail" not in request.query:
        return web.FileResponse(path)
    try:
        return web.Response(body=_thumbnail(str(path), path.stat().st_mtime_ns), content_type="image/jpeg")
    except S2IError:  # a picture by its name alone
        return web.Response(status=404)


async def _swatch(request: Any) -> Any:
    from aiohttp import web

    path = folder_paths.get_full_path(STYLES, request.query.get("name", ""))
    jpeg = read_swatch(path) if path else None
    return web.Response(status=404) if jpeg is None else web.Response(body=jpeg, content_type="image/jpeg")


def serve_pictures() -> None:
    """Add the routes to ComfyUI's server, where one runs: tools load the pack without it."""
    module = sys.modules.get("server")
    server = getattr(getattr(module, "PromptServer", None), "instance", None)
    if server is not None:
        server.routes.get("/s2i/picture")(_picture)
        server.routes.get("/s2i/style_swatch")(_swatch)
