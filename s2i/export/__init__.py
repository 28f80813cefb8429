"""Models as ONNX: what runs without torch, in onnxruntime and in the browser's page."""
