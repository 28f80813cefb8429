"""Styles mixed, saved, recoloured, trained."""

from __future__ import annotations

from tools.workflows.graphs import Graph
from tools.workflows.pieces import load_model, reference_picture, save_picture, sketch_picture


def interpolate_styles(g: Graph) -> None:
    g.note("### From one style to another\nSix frames as a batch: one sketch, six styles. Save them as an animation or "
           "as single pictures.")
    model, sketch = load_model(g), sketch_picture(g, "elephant")
    a = g.add("S2I_EncodeStyle", 1, model=model, reference=reference_picture(g, "sky", "First reference"))
    b = g.add("S2I_EncodeStyle", 1, model=model, reference=reference_picture(g, "carnival", "Last reference"))
    frames = g.add("S2I_InterpolateStyles", 1, style_a=a, style_b=b, frames=6)
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    draft = g.add("S2I_Decode", 2, model=model, content=content, style=frames)
    images = g.add("S2I_Refine", 2, model=model, draft=draft, sketch=sketch, style=frames, line_opacity=0.5)
    g.add("SaveAnimatedWEBP", 3, images=images, filename_prefix="sketch-to-image/morph", fps=3.0, lossless=False)
    save_picture(g, images, 3, "frame")


def swap_scales(g: Graph) -> None:
    g.note("### Colours of one, brushwork of another\nThe palette carries the colours, the coarse scale what things "
           "are made of, the fine one the brush.")
    model, sketch = load_model(g), sketch_picture(g, "dog")
    a = g.add("S2I_EncodeStyle", 1, model=model, reference=reference_picture(g, "ball", "A: colours"))
    b = g.add("S2I_EncodeStyle", 1, model=model, reference=reference_picture(g, "coast", "B: brushwork"))
    style = g.add("S2I_SwapStyleScales", 1, style_a=a, style_b=b)
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    draft = g.add("S2I_Decode", 2, model=model, content=content, style=style)
    image = g.add("S2I_Refine", 2, model=model, draft=draft, sketch=sketch, style=style, line_opacity=0.5)
    save_picture(g, image, 3, "swap")


def regional_styles(g: Graph) -> None:
    g.note("### A style for each part\nThe masks are made of stock nodes; draw your own with *Load Image*'s mask "
           "editor or a *Sketch Pad*.")
    model, sketch = load_model(g), sketch_picture(g, "walker")
    left = g.add("S2I_EncodeStyle", 1, model=model, reference=reference_picture(g, "carnival", "Left"))
    rest = g.add("S2I_EncodeStyle", 1, model=model, reference=reference_picture(g, "sky", "Elsewhere"))
    blank = g.add("SolidMask", 1, value=0.0, width=512, height=512)
    half = g.add("SolidMask", 1, value=1.0, width=304, height=512)
    # Feathered before it is laid on the sheet: that is the edge which shows.
    soft = g.add("FeatherMask", 2, mask=half, left=0, top=0, right=96, bottom=0)
    mask = g.add("MaskComposite", 2, destination=blank, source=soft, x=0, y=0, operation="add")
    style = g.add("S2I_RegionalStyles", 2, background=rest, style_1=left, mask_1=mask)
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    draft = g.add("S2I_Decode", 3, model=model, content=content, style=style)
    image = g.add("S2I_Refine", 3, model=model, draft=draft, sketch=sketch, style=style, line_opacity=0.6)
    save_picture(g, image, 4, "regions")


def mix_and_save(g: Graph) -> None:
    g.note("### Mix styles and keep the result\nThe style is saved in output/s2i_styles; *Load Style* brings it back.")
    model, sketch = load_model(g), sketch_picture(g, "horse")
    names = ("ball", "dusk", "sky")
    styles = [g.add("S2I_EncodeStyle", 1, model=model, reference=reference_picture(g, name)) for name in names]
    mixed = g.add("S2I_MixStyles", 2, style_1=styles[0], style_2=styles[1], style_3=styles[2], weight_2=2.0)
    kept = g.add("S2I_SaveStyle", 2, style=mixed, name="evening", overwrite=True, model=model)
    content = g.add("S2I_EncodeContent", 1, model=model, sketch=sketch)
    draft = g.add("S2I_Decode", 3, model=model, content=content, style=kept)
    image = g.add("S2I_Refine", 3, model=model, draft=draft, sketch=sketch, style=kept, line_opacity=0.5)
    save_picture(g, image, 4, "mixed")


def another_palette(g: Graph) -> None:
    g.note("### The same painting in another palette\nThe brushwork is of the first reference, the colours are of the "
           "second. Change a swatch, lock what is to stay; *Save Palette* writes a GIMP palette.")
    model, sketch = load_model(g), sketch_picture(g, "elephant")
    style = g.add("S2I_EncodeStyle", 1, model=model, reference=reference_picture(g, "coast", "Brushwork"))
    palette = g.add("S2I_Palette", 1, image=reference_picture(g, "carnival", "Colours"))
    kept = g.add("S2I_SavePalette", 1, palette=palette, name="carnival", overwrite=True)
    recoloured = g.add("S2I_ApplyPalette", 2, style=style, palette=kept)
    content = g.add("S2I_EncodeContent", 2, model=model, sketch=sketch)
    g.add("PreviewImage", 1, images=palette[1], title="Palette", tall=140)
    draft = g.add("S2I_Decode", 2, model=model, content=content, style=recoloured)
    image = g.add("S2I_Refine", 3, model=model, draft=draft, sketch=sketch, style=recoloured, line_opacity=0.5)
    save_picture(g, image, 4, "palette")


def tune_style(g: Graph) -> None:
    g.note("### Train on your own pictures\n*Tune Style* trains on a folder for some minutes, in a process of its own; "
           "Run again and it goes on. Write your folder into *folder*; *references* are the pack's own paintings. When "
           "you like what you see, load the model by its name and delete *Tune Style*.", height=200)
    tuned = g.add("S2I_TuneStyle", 1, folder="references", name="my model", minutes=3.0, tall=400)
    model, sketch, reference = load_model(g), sketch_picture(g, "dog"), reference_picture(g, "ball")
    settings = {"sketch": sketch, "reference": reference, "line_opacity": 0.5}
    before = g.add("S2I_SketchToImage", 2, model=model, title="Before", **settings)
    after = g.add("S2I_SketchToImage", 2, model=tuned, title="After", **settings)
    g.add("PreviewImage", 3, images=before, title="Before", tall=420)
    save_picture(g, after, 3, "tuned")
