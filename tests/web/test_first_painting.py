"""From a fresh ComfyUI to a painting of one's own drawing: as few clicks as the README says, in both front ends."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from tools import comfyui as real
from tools.browser import missing
from tools.comfyui_install import front_end
from tools.desk import desk as open_desk
from tools.desk import wait
from tools.small_bundles import stand_in

pytestmark = pytest.mark.xdist_group("comfyui")
ROOT = Path(__file__).parents[2]
_DROP = """(gallery, [name, data]) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), files = new DataTransfer();
    files.items.add(new File([bytes], name, { type: "image/png" }));
    for (const type of ["dragenter", "dragover", "drop"])
        gallery.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: files }));
}"""


def png(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def drawing() -> Image.Image:
    sheet = Image.new("L", (320, 240), 255)
    sheet.paste(0, (60, 40, 240, 44))
    sheet.paste(0, (60, 40, 64, 200))
    return sheet


@pytest.mark.parametrize("newest", [False, True], ids=["1.32.9", "1.58.1"])
def test_four_clicks_and_two_files_give_a_painting(newest, tmp_path):
    if missing():
        pytest.skip(missing())
    stand_in(real.put_pack(tmp_path / "custom_nodes"))
    arguments = ("--front-end-root", str(front_end())) if newest else ()
    with real.serve(tmp_path, arguments=arguments) as server, open_desk(server.url, size=(1400, 900)) as desk:
        page, clicks = desk.page, 0
        gallery = page.locator(".s2i-gallery")
        for clickable in (
            page.get_by_role("button", name="Templates", exact=True),
            page.get_by_text("sketch-to-image", exact=False),
            page.get_by_test_id("template-workflow-colour-a-sketch"),
        ):
            clickable.first.click()
            clicks += 1
        wait(lambda: gallery.count() == 2, what="the two choices of a picture")
        files = {"my drawing.png": drawing(), "my colours.png": Image.open(ROOT / "art/references/sunset.jpg")}
        for i, (name, picture) in enumerate(files.items()):
            gallery.nth(i).evaluate(_DROP, [name, png(picture)])
            wait(lambda i=i, name=name: Path(name).stem in gallery.nth(i).inner_text(), what=f"{name} on its node")
        desk.run(seconds=240)  # the last click
        (path,) = (server.base / "output").rglob("*.png")
    with Image.open(path) as painted:
        assert painted.size == drawing().size
    assert clicks + 1 <= 4
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\d\. Click ", readme, re.MULTILINE)) == clicks + 1
