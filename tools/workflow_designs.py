"""What the shipped workflows are. `python -m tools.make_workflows` writes them, runs them and takes their pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.workflow_graphs import Graph, Output

EXAMPLES = Path(__file__).parents[1] / "art"
HUB = "https://huggingface.co"
CHECKPOINT = {
    "name": "v1-5-pruned-emaonly-fp16.safetensors",
    "url": f"{HUB}/Comfy-Org/stable-diffusion-v1-5-archive/resolve/main/v1-5-pruned-emaonly-fp16.safetensors",
    "directory": "checkpoints",
}
CONTROL = {
    "name": "control_v11p_sd15_scribble_fp16.safetensors",
    "url": f"{HUB}/comfyanonymous/ControlNet-v1-1_fp16_safetensors/resolve/main/"
    "control_v11p_sd15_scribble_fp16.safetensors",
    "directory": "controlnet",
}
# Dabs on the landscape: meadow, tree, roof, sky. In tenths of a pixel of its frame of 512.
HINTS = [
    {"s": 380, "p": [1000, 4300, 900, 60], "c": "#7d8f3c"},
    {"s": 380, "p": [1300, 2400, 300, 40], "c": "#c9772b"},
    {"s": 280, "p": [3500, 2100, 600, 40], "c": "#a8382e"},
    {"s": 380, "p": [2000, 300, 1200, 80], "c": "#6f9fc4"},
]
_NEARER = 1.12  # how much larger things are on a character's second page
# Marks in the key colours of Character Style: red on the house's wall and roof, blue in the tree's crown.
KEYS = [
    {"s": 200, "p": [3500, 2150, 500, 0], "c": "#d03030"},
    {"s": 160, "p": [3750, 2700, 60, 0], "c": "#d03030"},
    {"s": 300, "p": [1250, 2450, 300, 40], "c": "#3050d0"},
]


def _load(g: Graph) -> Output:
    # The bundled model is part of the pack: nothing to download.
    return g.add("S2I_LoadModel", 0, models=[])


def _sketch(g: Graph, name: str) -> Output:
    return g.add("S2I_ExamplePicture", 0, title="Sketch", picture=f"sketches/{name}.png")


def _reference(g: Graph, name: str, title: str = "Reference") -> Output:
    return g.add("S2I_ExamplePicture", 0, title=title, picture=f"references/{name}.jpg")


def _save(g: Graph, image: Output, column: int, name: str) -> Output:
    return g.add("SaveImage", column, images=image, filename_prefix=f"sketch-to-image/{name}", tall=420)


def colour_a_sketch(g: Graph, opens_as_app: bool = False) -> None:
    title = "Colour a sketch, as an app" if opens_as_app else "Colour a sketch"
    g.note(f"### {title}\nDrop your drawing on *Sketch* and a picture whose colours you like on *Reference*, press "
           "Run. *line_opacity* lays your lines back over the result.")
    model, sketch, reference = _load(g), _sketch(g, "horse"), _reference(g, "coast")
    image = g.add("S2I_SketchToImage", 1, model=model, sketch=sketch, reference=reference, line_opacity=0.6)
    saved = _save(g, image, 2, "colour")
    widgets = [(sketch, "picture", "Sketch"), (reference, "picture", "Reference"), (image, "seed", "seed"),
               (image, "strength", "strength"), (image, "scale", "size")]
    g.app(widgets, saved, opens_as_app)


def colour_as_an_app(g: Graph) -> None:
    colour_a_sketch(g, opens_as_app=True)


def step_by_step(g: Graph) -> None:
    g.note("### Step by step\nThe same as *Sketch to Image*, in its parts. Change the reference: only the style, the "
           "draft and the refinement run again, the sketch is not read a second time.")
    model, sketch, reference = _load(g), _sketch(g, "house"), _reference(g, "sky")
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    style = g.add("S2I_EncodeStyle", 1, model=model, reference=reference)
    draft = g.add("S2I_Decode", 2, model=model, content=content, style=style)
    g.add("PreviewImage", 2, images=draft, title="Draft")
    image = g.add("S2I_Refine", 3, model=model, draft=draft, sketch=sketch, style=style, line_opacity=0.5)
    _save(g, image, 4, "steps")


def style_transfer(g: Graph) -> None:
    g.note("### Style transfer\nA picture is drawn as lines, and the lines are painted after the reference.")
    model = _load(g)
    photo = g.add("S2I_ExamplePicture", 0, title="Content", picture="references/temple.jpg")
    reference = _reference(g, "carnival")
    painted = g.add("S2I_StyleTransfer", 1, model=model, image=photo, reference=reference)
    g.add("PreviewImage", 1, images=painted[1], title="Drawn as")
    _save(g, painted, 2, "transfer")


def interpolate_styles(g: Graph) -> None:
    g.note("### From one style to another\nSix frames as a batch: one sketch, six styles. Save them as an animation or "
           "as single pictures.")
    model, sketch = _load(g), _sketch(g, "elephant")
    a = g.add("S2I_EncodeStyle", 1, model=model, reference=_reference(g, "sky", "First reference"))
    b = g.add("S2I_EncodeStyle", 1, model=model, reference=_reference(g, "carnival", "Last reference"))
    frames = g.add("S2I_InterpolateStyles", 1, style_a=a, style_b=b, frames=6)
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    draft = g.add("S2I_Decode", 2, model=model, content=content, style=frames)
    images = g.add("S2I_Refine", 2, model=model, draft=draft, sketch=sketch, style=frames, line_opacity=0.5)
    g.add("SaveAnimatedWEBP", 3, images=images, filename_prefix="sketch-to-image/morph", fps=3.0, lossless=False)
    _save(g, images, 3, "frame")


def swap_scales(g: Graph) -> None:
    g.note("### Colours of one, brushwork of another\nThe coarse scale carries colours and light, the fine one the "
           "brush.")
    model, sketch = _load(g), _sketch(g, "dog")
    a = g.add("S2I_EncodeStyle", 1, model=model, reference=_reference(g, "ball", "A: colours"))
    b = g.add("S2I_EncodeStyle", 1, model=model, reference=_reference(g, "coast", "B: brushwork"))
    style = g.add("S2I_SwapStyleScales", 1, style_a=a, style_b=b)
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    draft = g.add("S2I_Decode", 2, model=model, content=content, style=style)
    image = g.add("S2I_Refine", 2, model=model, draft=draft, sketch=sketch, style=style, line_opacity=0.5)
    _save(g, image, 3, "swap")


def regional_styles(g: Graph) -> None:
    g.note("### A style for each part\nThe masks are made of stock nodes; draw your own with *Load Image*'s mask "
           "editor or a *Sketch Pad*.")
    model, sketch = _load(g), _sketch(g, "walker")
    left = g.add("S2I_EncodeStyle", 1, model=model, reference=_reference(g, "carnival", "Left"))
    rest = g.add("S2I_EncodeStyle", 1, model=model, reference=_reference(g, "sky", "Elsewhere"))
    blank = g.add("SolidMask", 1, value=0.0, width=512, height=512)
    half = g.add("SolidMask", 1, value=1.0, width=304, height=512)
    # Feathered before it is laid on the sheet: that is the edge which shows.
    soft = g.add("FeatherMask", 2, mask=half, left=0, top=0, right=96, bottom=0)
    mask = g.add("MaskComposite", 2, destination=blank, source=soft, x=0, y=0, operation="add")
    style = g.add("S2I_RegionalStyles", 2, background=rest, style_1=left, mask_1=mask)
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    draft = g.add("S2I_Decode", 3, model=model, content=content, style=style)
    image = g.add("S2I_Refine", 3, model=model, draft=draft, sketch=sketch, style=style, line_opacity=0.6)
    _save(g, image, 4, "regions")


def style_grid(g: Graph) -> None:
    g.note("### Every sketch in every style\nA sheet to choose from.")
    model = _load(g)
    first = g.add("ImageBatch", 1, image1=_sketch(g, "elephant"), image2=_sketch(g, "house"))
    sketches = g.add("ImageBatch", 1, image1=first, image2=_sketch(g, "walker"))
    two = g.add("ImageBatch", 1, image1=_reference(g, "ball"), image2=_reference(g, "coast"))
    three = g.add("ImageBatch", 1, image1=two, image2=_reference(g, "dusk"))
    references = g.add("ImageBatch", 1, image1=three, image2=_reference(g, "carnival"))
    sheet = g.add("S2I_StyleGrid", 2, model=model, sketch=sketches, reference=references)
    _save(g, sheet, 3, "grid")


def sketch_variants(g: Graph) -> None:
    g.note("### One picture, many sketches\nThe learned extractor in six variants, from its first to its last; below, "
           "two classical extractors.")
    model = _load(g)
    photo = g.add("S2I_ExamplePicture", 0, title="Picture", picture="references/temple.jpg")
    learned = g.add("S2I_ExtractSketch", 1, model=model, image=photo, count=6)
    xdog = g.add("S2I_XDoG", 1, image=photo)
    canny = g.add("S2I_Canny", 1, image=photo)
    _save(g, learned, 2, "sketch")
    g.add("PreviewImage", 3, images=xdog, title="XDoG")
    g.add("PreviewImage", 3, images=canny, title="Canny")


def clean_a_scan(g: Graph) -> None:
    g.note("### From a photographed page\n*Prepare Sketch* removes paper, shadow, lamp and specks from a scan or a "
           "photo of pencil, and mends the lines' weight. Drop a photo of your own page on *Page*.")
    model, reference = _load(g), _reference(g, "dusk")
    scan = g.add("S2I_ExamplePicture", 0, title="Page", picture="pages/pencil.jpg")
    clean = g.add("S2I_PrepareSketch", 1, image=scan, thicken=1.0, denoise=0.2)
    image = g.add("S2I_SketchToImage", 1, model=model, sketch=clean, reference=reference, line_opacity=0.6)
    _save(g, image, 2, "scan")


def mix_and_save(g: Graph) -> None:
    g.note("### Mix styles and keep the result\nThe style is saved in output/s2i_styles; *Load Style* brings it back.")
    model, sketch = _load(g), _sketch(g, "horse")
    names = ("ball", "dusk", "sky")
    styles = [g.add("S2I_EncodeStyle", 1, model=model, reference=_reference(g, name)) for name in names]
    mixed = g.add("S2I_MixStyles", 2, style_1=styles[0], style_2=styles[1], style_3=styles[2], weight_2=2.0)
    kept = g.add("S2I_SaveStyle", 2, style=mixed, name="evening", overwrite=True, model=model)
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    draft = g.add("S2I_Decode", 3, model=model, content=content, style=kept)
    image = g.add("S2I_Refine", 3, model=model, draft=draft, sketch=sketch, style=kept, line_opacity=0.5)
    _save(g, image, 4, "mixed")


def draw_and_paint(g: Graph) -> None:
    g.note("### Draw and watch it being painted\nEvery stroke is painted at once: *Live* is on above the sheet.\n\n"
           "**B** pen, **E** eraser, **[** **]** brush size, **Ctrl+Z** undo.")
    pad = g.add("S2I_SketchPad", 1, drawing=(EXAMPLES / "drawings" / "landscape.json").read_text(), tall=600)
    model, reference = _load(g), _reference(g, "coast")
    image = g.add("S2I_SketchToImage", 2, model=model, sketch=pad, reference=reference, line_opacity=0.5)
    shown = g.add("PreviewImage", 3, images=image, tall=600)
    # A sheet and a picture to be seen, side by side.
    pad.node["properties"]["s2i_live"] = True
    for output, left, width in ((pad, 380, 480), (image, 910, 290), (shown, 1250, 480)):
        output.node["pos"][0], output.node["size"][0] = left, width


def colour_hints(g: Graph) -> None:
    g.note("### Say which colour goes where\nThe pad's drop (**C**) dabs colours: the region around a dab takes it. "
           "The eyedropper picks from the reference, **Ctrl+Z** takes back. *Colour Hints* reads dabs from a picture.")
    drawing = json.loads((EXAMPLES / "drawings" / "landscape.json").read_text())
    drawing = {**drawing, "version": 2, "strokes": drawing["strokes"] + HINTS}
    pad = g.add("S2I_SketchPad", 1, drawing=json.dumps(drawing, separators=(",", ":")), tall=600)
    model, reference = _load(g), _reference(g, "coast")
    image = g.add("S2I_SketchToImage", 2, model=model, sketch=pad, reference=reference, hints=pad[2], line_opacity=0.5)
    _save(g, image, 3, "hints")


def another_palette(g: Graph) -> None:
    g.note("### The same painting in another palette\nThe brushwork is of the first reference, the colours are of the "
           "second. Change a swatch, lock what is to stay; *Save Palette* writes a file that painting programs read.")
    model, sketch = _load(g), _sketch(g, "elephant")
    style = g.add("S2I_EncodeStyle", 1, model=model, reference=_reference(g, "coast", "Brushwork"))
    palette = g.add("S2I_Palette", 1, image=_reference(g, "carnival", "Colours"))
    kept = g.add("S2I_SavePalette", 1, palette=palette, name="carnival", overwrite=True)
    recoloured = g.add("S2I_ApplyPalette", 2, style=style, palette=kept)
    content = g.add("S2I_EncodeContent", 2, model=model, sketch=sketch)
    g.add("PreviewImage", 1, images=palette[1], title="Palette", tall=140)
    draft = g.add("S2I_Decode", 2, model=model, content=content, style=recoloured)
    image = g.add("S2I_Refine", 3, model=model, draft=draft, sketch=sketch, style=recoloured, line_opacity=0.5)
    _save(g, image, 4, "palette")


def character_pages(g: Graph) -> None:
    g.note("### A character over two pages\nEach part of the figure has a style and a key colour: dabs in that "
           "colour, here red for the house and blue for the tree, say where the part is on a page. The parts' styles "
           "serve every page; *Save Style* keeps them for the next day.")
    drawing = json.loads((EXAMPLES / "drawings" / "landscape.json").read_text())
    first = drawing["strokes"] + KEYS
    pages = [{**drawing, "version": 2, "strokes": s} for s in (first, _nearer(first, drawing["width"]))]
    pads = [g.add("S2I_SketchPad", 1, drawing=json.dumps(page, separators=(",", ":")), title=f"Page {i}", tall=480)
            for i, page in enumerate(pages, 1)]
    model = _load(g)
    titles = {"sky": "Background", "sunset": "The house", "coast": "The tree"}
    rest, house, tree = (
        g.add("S2I_EncodeStyle", 2, model=model, reference=_reference(g, name, title))
        for name, title in titles.items()
    )
    images = []
    for i, pad in enumerate(pads):
        style = g.add("S2I_CharacterStyle", 3 + i, sketch=pad, dabs=pad[2], background=rest, part_1=house, part_2=tree)
        content = g.add("S2I_EncodeContent", 3 + i, model=model, sketch=pad)
        draft = g.add("S2I_Decode", 3 + i, model=model, content=content, style=style)
        images.append(g.add("S2I_Refine", 3 + i, model=model, draft=draft, sketch=pad, style=style, line_opacity=0.5))
    _save(g, g.add("ImageBatch", 5, image1=images[0], image2=images[1]), 5, "character")


def _nearer(strokes: list[dict[str, Any]], width: int) -> list[dict[str, Any]]:
    """Left is right, and seen from nearer: another page for the same things."""
    def place(x: float, i: int) -> int:
        mirrored = i % 2 == 0
        start = (4.86 if mirrored else 6) * width if i < 2 else 0  # what stays in place, in tenths of a pixel
        return round(start + (-_NEARER if mirrored else _NEARER) * (x - start))

    return [{**s, "s": round(_NEARER * s["s"]), "p": [place(x, i) for i, x in enumerate(s["p"])]} for s in strokes]


def tune_style(g: Graph) -> None:
    g.note("### Train on your own pictures\n*Tune Style* trains on a folder for some minutes, in a process of its own; "
           "Run again and it goes on. Write your folder into *folder*; *references* are the pack's own paintings. When "
           "you like what you see, load the model by its name and delete *Tune Style*.", height=200)
    tuned = g.add("S2I_TuneStyle", 1, folder="references", name="my model", minutes=3.0, tall=400)
    model, sketch, reference = _load(g), _sketch(g, "dog"), _reference(g, "ball")
    settings = {"sketch": sketch, "reference": reference, "line_opacity": 0.5}
    before = g.add("S2I_SketchToImage", 2, model=model, title="Before", **settings)
    after = g.add("S2I_SketchToImage", 2, model=tuned, title="After", **settings)
    g.add("PreviewImage", 3, images=before, title="Before", tall=420)
    _save(g, after, 3, "tuned")


def lines_and_layers(g: Graph) -> None:
    g.note("### The artist's lines, untouched\n*Overlay Lines* lays the drawing over the painting pixel for pixel; "
           "*Export Layers* saves paper, painting and lines as an OpenRaster file for Krita.")
    model, sketch, reference = _load(g), _sketch(g, "house"), _reference(g, "dusk")
    painted = g.add("S2I_SketchToImage", 1, model=model, sketch=sketch, reference=reference)
    g.add("S2I_ExportLayers", 2, image=painted, sketch=sketch)
    image = g.add("S2I_OverlayLines", 2, image=painted, sketch=sketch, colour="#2b1d14")
    _save(g, image, 3, "lines")


def frames_of_a_video(g: Graph) -> None:
    g.note("### Frames of a video\nEight drawn frames in one style. *same_seed* paints what does not move with the "
           "same brushwork in every frame. For filmed frames, put *Extract Sketch* before it; *Load Video* and *Get "
           "Video Components* give frames, too.")
    model = _load(g)
    frames = g.add("S2I_ExamplePicture", 0, title="Frames", picture="clips/bird.webp")
    reference = _reference(g, "sky")
    images = g.add("S2I_SketchToImage", 1, model=model, sketch=frames, reference=reference, line_opacity=0.5,
                   same_seed=True)
    g.add("SaveAnimatedWEBP", 2, images=images, filename_prefix="sketch-to-image/video", fps=6.0, lossless=False)
    _save(g, images, 2, "frame")


def hand_over_to_diffusion(g: Graph) -> None:
    g.note("### Hand over to a diffusion model (needs Stable Diffusion 1.5)\nOur picture is the start of the "
           "latent, and the same sketch steers a "
           "ControlNet: the diffusion model only adds detail, so few steps and a denoise of about 0.5 do. Needs a "
           "Stable Diffusion 1.5 checkpoint and its scribble ControlNet (the front end offers to download them).")
    model, sketch, reference = _load(g), _sketch(g, "house"), _reference(g, "dusk")
    painted = g.add("S2I_SketchToImage", 1, model=model, sketch=sketch, reference=reference)
    g.add("PreviewImage", 1, images=painted, title="Our half")
    scribble = g.add("S2I_PrepareSketch", 1, image=sketch, thicken=2.0, light_on_dark=True)
    checkpoint = g.add("CheckpointLoaderSimple", 2, ckpt_name=CHECKPOINT["name"], models=[CHECKPOINT])
    positive = g.add("CLIPTextEncode", 2, clip=checkpoint[1], text="a house, oil painting, soft light", tall=120)
    negative = g.add("CLIPTextEncode", 2, clip=checkpoint[1], text="blurry, text", tall=120)
    control = g.add("ControlNetLoader", 2, control_net_name=CONTROL["name"], models=[CONTROL])
    steered = g.add("ControlNetApplyAdvanced", 3, positive=positive, negative=negative, control_net=control,
                    image=scribble, strength=0.8)
    start = g.add("VAEEncode", 3, pixels=painted, vae=checkpoint[2])
    latent = g.add("KSampler", 3, model=checkpoint, positive=steered, negative=steered[1], latent_image=start,
                   steps=12, cfg=6.0, denoise=0.5)
    image = g.add("VAEDecode", 4, samples=latent, vae=checkpoint[2])
    _save(g, image, 4, "diffusion")


DESIGNS: dict[str, Callable[[Graph], None]] = {
    "Colour a sketch": colour_a_sketch,
    "Colour a sketch (app)": colour_as_an_app,
    "Step by step": step_by_step,
    "Style transfer": style_transfer,
    "Interpolate styles": interpolate_styles,
    "Swap style scales": swap_scales,
    "Regional styles": regional_styles,
    "Style grid": style_grid,
    "Sketch variants": sketch_variants,
    "Clean a scan": clean_a_scan,
    "Mix and save styles": mix_and_save,
    "Draw and paint": draw_and_paint,
    "Colour hints": colour_hints,
    "A character on two pages": character_pages,
    "Another palette": another_palette,
    "Tune style": tune_style,
    "Lines and layers": lines_and_layers,
    "Frames of a video": frames_of_a_video,
    "Hand over to diffusion (needs SD 1.5)": hand_over_to_diffusion,
}
