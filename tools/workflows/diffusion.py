"""A painting handed over to a diffusion model."""

from __future__ import annotations

from tools.workflows.graphs import Graph
from tools.workflows.pieces import load_model, reference_picture, save_picture, sketch_picture

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


def hand_over_to_diffusion(g: Graph) -> None:
    g.note("### Hand over to a diffusion model (needs Stable Diffusion 1.5)\nOur picture is the start of the "
           "latent, and the same sketch steers a "
           "ControlNet: the diffusion model only adds detail, so few steps and a denoise of about 0.5 do. Needs a "
           "Stable Diffusion 1.5 checkpoint and its scribble ControlNet (the front end offers to download them).")
    model, sketch, reference = load_model(g), sketch_picture(g, "house"), reference_picture(g, "dusk")
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
    save_picture(g, image, 4, "diffusion")
