"""A drawing or a picture is painted, or drawn."""

from __future__ import annotations

from tools.workflows.graphs import Graph
from tools.workflows.pieces import load_model, reference_picture, save_picture, sketch_picture


def colour_a_sketch(g: Graph, opens_as_app: bool = False) -> None:
    title = "Colour a sketch, as an app" if opens_as_app else "Colour a sketch"
    g.note(f"### {title}\nDrop your drawing on *Sketch* and a picture whose colours you like on *Reference*, press "
           "Run. *line_opacity* lays your lines back over the result.")
    model, sketch, reference = load_model(g), sketch_picture(g, "horse"), reference_picture(g, "coast")
    image = g.add("S2I_SketchToImage", 1, model=model, sketch=sketch, reference=reference, line_opacity=0.6)
    saved = save_picture(g, image, 2, "colour")
    widgets = [(sketch, "picture", "Sketch"), (reference, "picture", "Reference"), (image, "seed", "seed"),
               (image, "strength", "strength"), (image, "scale", "size")]
    g.app(widgets, saved, opens_as_app)


def colour_as_an_app(g: Graph) -> None:
    colour_a_sketch(g, opens_as_app=True)


def step_by_step(g: Graph) -> None:
    g.note("### Step by step\nThe same as *Sketch to Image*, in its parts. Change the reference: only the style, the "
           "draft and the refinement run again, the sketch is not read a second time.")
    model, sketch, reference = load_model(g), sketch_picture(g, "house"), reference_picture(g, "sky")
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    style = g.add("S2I_EncodeStyle", 1, model=model, reference=reference)
    draft = g.add("S2I_Decode", 2, model=model, content=content, style=style)
    g.add("PreviewImage", 2, images=draft, title="Draft")
    image = g.add("S2I_Refine", 3, model=model, draft=draft, sketch=sketch, style=style, line_opacity=0.5)
    save_picture(g, image, 4, "steps")


def style_transfer(g: Graph) -> None:
    g.note("### Style transfer\nA picture is drawn as lines, and the lines are painted after the reference.")
    model = load_model(g)
    photo = g.add("S2I_ExamplePicture", 0, title="Content", picture="references/temple.jpg")
    reference = reference_picture(g, "carnival")
    painted = g.add("S2I_StyleTransfer", 1, model=model, image=photo, reference=reference)
    g.add("PreviewImage", 1, images=painted[1], title="Drawn as")
    save_picture(g, painted, 2, "transfer")


def style_grid(g: Graph) -> None:
    g.note("### Every sketch in every style\nA sheet to choose from.")
    model = load_model(g)
    first = g.add("ImageBatch", 1, image1=sketch_picture(g, "elephant"), image2=sketch_picture(g, "house"))
    sketches = g.add("ImageBatch", 1, image1=first, image2=sketch_picture(g, "walker"))
    two = g.add("ImageBatch", 1, image1=reference_picture(g, "ball"), image2=reference_picture(g, "coast"))
    three = g.add("ImageBatch", 1, image1=two, image2=reference_picture(g, "dusk"))
    references = g.add("ImageBatch", 1, image1=three, image2=reference_picture(g, "carnival"))
    sheet = g.add("S2I_StyleGrid", 2, model=model, sketch=sketches, reference=references)
    save_picture(g, sheet, 3, "grid")


def sketch_variants(g: Graph) -> None:
    g.note("### One picture, many sketches\nThe learned extractor in six variants, from its first to its last; below, "
           "two classical extractors.")
    model = load_model(g)
    photo = g.add("S2I_ExamplePicture", 0, title="Picture", picture="references/temple.jpg")
    learned = g.add("S2I_ExtractSketch", 1, model=model, image=photo, count=6)
    xdog = g.add("S2I_XDoG", 1, image=photo)
    canny = g.add("S2I_Canny", 1, image=photo)
    save_picture(g, learned, 2, "sketch")
    g.add("PreviewImage", 3, images=xdog, title="XDoG")
    g.add("PreviewImage", 3, images=canny, title="Canny")


def clean_a_scan(g: Graph) -> None:
    g.note("### From a photographed page\n*Prepare Sketch* removes paper, shadow, lamp and specks from a scan or a "
           "photo of pencil, and mends the lines' weight. Drop a photo of your own page on *Page*.")
    model, reference = load_model(g), reference_picture(g, "dusk")
    scan = g.add("S2I_ExamplePicture", 0, title="Page", picture="pages/pencil.jpg")
    clean = g.add("S2I_PrepareSketch", 1, image=scan, thicken=1.0, denoise=0.2)
    image = g.add("S2I_SketchToImage", 1, model=model, sketch=clean, reference=reference, line_opacity=0.6)
    save_picture(g, image, 2, "scan")


def lines_and_layers(g: Graph) -> None:
    g.note("### The artist's lines, untouched\n*Overlay Lines* lays the drawing over the painting pixel for pixel; "
           "*Export Layers* saves paper, painting and lines as an OpenRaster file for Krita.")
    model, sketch, reference = load_model(g), sketch_picture(g, "house"), reference_picture(g, "dusk")
    painted = g.add("S2I_SketchToImage", 1, model=model, sketch=sketch, reference=reference)
    g.add("S2I_ExportLayers", 2, image=painted, sketch=sketch)
    image = g.add("S2I_OverlayLines", 2, image=painted, sketch=sketch, colour="#2b1d14")
    save_picture(g, image, 3, "lines")


def frames_of_a_video(g: Graph) -> None:
    g.note("### Frames of a video\nEight drawn frames in one style. *same_seed* paints what does not move with the "
           "same brushwork in every frame. For filmed frames, put *Extract Sketch* before it; *Load Video* and *Get "
           "Video Components* give frames, too.")
    model = load_model(g)
    frames = g.add("S2I_ExamplePicture", 0, title="Frames", picture="clips/bird.webp")
    reference = reference_picture(g, "sky")
    images = g.add("S2I_SketchToImage", 1, model=model, sketch=frames, reference=reference, line_opacity=0.5,
                   same_seed=True)
    g.add("SaveAnimatedWEBP", 2, images=images, filename_prefix="sketch-to-image/video", fps=6.0, lossless=False)
    save_picture(g, images, 2, "frame")
