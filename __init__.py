"""ComfyUI's door. Everything is imported when ComfyUI asks for the nodes, so loading the pack costs nothing."""

WEB_DIRECTORY = "./web"


async def comfy_entrypoint():  # noqa: ANN201 - the type belongs to ComfyUI, which is not imported here
    from .nodes import extension

    return extension()
