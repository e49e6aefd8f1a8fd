# Every target sets up what it needs. PYTHON is the interpreter that .venv is made from.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := constraints-cpu.txt
READY := $(VENV)/.ready
EXTRAS := offline,onnx,documents,dev
RESULTS := benchmarks/results
MACHINE ?= 2core

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow test-kernels check fix bench bench-peers test-gpu bench-gpu constraints screenshot clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /|/' | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

$(READY): pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"topicgpu needs Python 3.11 or newer; this is {v.major}.{v.minor}. Set PYTHON=.")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) --editable '.[$(EXTRAS)]'
	@touch $@

setup: $(READY)  ## Make .venv with everything for the CPU

demo: $(READY)  ## Run the bundled corpus and write runs/demo/report.html
	$(BIN)/topicgpu run configs/demo.toml --out runs/demo

test: $(READY)  ## Run the tests (minutes)
	$(BIN)/python -m pytest -m "not slow and not kernels and not gpu" --numprocesses 2 --timeout 300

test-slow: $(READY)  ## Run the slow tests: kills, browsers, builds, calibrations
	$(BIN)/python -m pytest -m "slow and not gpu" --timeout 1500

test-kernels: $(READY)  ## Run the kernels against their oracles
	$(BIN)/python -m pytest tests/kernels -m "kernels and not gpu" --ignore tests/kernels/interpreter --timeout 600
	TRITON_INTERPRET=1 $(BIN)/python -m pytest tests/kernels/interpreter -m kernels --timeout 600 --verbose

check: $(READY)  ## Check style, types and docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/docstrings.py

fix: $(READY)  ## Mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## Run the benchmarks (an hour; needs TOPICGPU_DATA; PEERS=folder of environments adds neighbors.py)
	$(BIN)/python benchmarks/topk_blocks.py --out $(RESULTS)/topk-blocks-$(MACHINE).json
	test -z "$(PEERS)" || $(BIN)/python benchmarks/neighbors.py --peers $(PEERS) --vectors runs/vectors --out $(RESULTS)/neighbors-$(MACHINE).json
	$(BIN)/python benchmarks/grain.py --out $(RESULTS)/grain-$(MACHINE).json
	$(BIN)/python benchmarks/clusters.py --out $(RESULTS)/clusters-$(MACHINE).json
	$(BIN)/python benchmarks/guided.py --out $(RESULTS)/guided-$(MACHINE).json
	$(BIN)/python benchmarks/noise.py --out $(RESULTS)/noise-$(MACHINE).json
	$(BIN)/python benchmarks/parts.py --out $(RESULTS)/parts-$(MACHINE).json
	$(BIN)/python benchmarks/keywords.py --out $(RESULTS)/keywords-$(MACHINE).json
	$(BIN)/python benchmarks/themes_speed.py --out $(RESULTS)/themes-speed-$(MACHINE).json
	$(BIN)/python benchmarks/drift_speed.py --out $(RESULTS)/drift-speed-$(MACHINE).json
	$(BIN)/python benchmarks/maps.py --out $(RESULTS)/maps-$(MACHINE).json
	$(BIN)/python benchmarks/embedding.py --out $(RESULTS)/embedding-$(MACHINE).json
	$(BIN)/python benchmarks/embedding_parts.py --out $(RESULTS)/embedding-parts-$(MACHINE).json
	$(BIN)/python benchmarks/tiers.py --vectors runs/vectors --out $(RESULTS)/tiers-$(MACHINE).json
	$(BIN)/python benchmarks/turns.py --out $(RESULTS)/turns-$(MACHINE).json
	$(BIN)/python benchmarks/memory.py --out $(RESULTS)/memory-$(MACHINE).json
	$(BIN)/python benchmarks/ingest.py --out $(RESULTS)/ingest-$(MACHINE).json
	$(BIN)/python benchmarks/report_pages.py --out $(RESULTS)/report-pages-$(MACHINE).json

bench-peers: $(READY)  ## Compare with other libraries (hours; needs TOPICGPU_DATA)
	$(BIN)/python benchmarks/peers.py --set-up
	$(BIN)/python benchmarks/peers.py --out $(RESULTS)/peers-$(MACHINE).json
	$(BIN)/python benchmarks/discovery.py --out $(RESULTS)/discovery-$(MACHINE).json
	$(BIN)/python benchmarks/layouts.py --set-up
	$(BIN)/python benchmarks/layouts.py --out $(RESULTS)/layouts-$(MACHINE).json
	$(BIN)/python benchmarks/trees.py --out $(RESULTS)/trees-$(MACHINE).json
	$(BIN)/python benchmarks/bertopic_parts.py --out $(RESULTS)/bertopic-parts-$(MACHINE).json

test-gpu: $(READY)  ## Run the tests that need a CUDA device; fails where there is none
	$(BIN)/python -c 'import torch, sys; sys.exit(0 if torch.cuda.is_available() else "no CUDA device: make test-gpu needs one")'
	$(BIN)/python -m pytest -m gpu --timeout 900

bench-gpu: $(READY)  ## Time the operations on a CUDA device
	$(BIN)/python benchmarks/topk_blocks.py --device cuda --out $(RESULTS)/topk-blocks-gpu.json
	$(BIN)/python benchmarks/topk_gpu.py --out $(RESULTS)/topk-gpu.json
	$(BIN)/python benchmarks/layout_gpu.py --out $(RESULTS)/layout-gpu.json
	$(BIN)/python benchmarks/mst_gpu.py --out $(RESULTS)/mst-gpu.json
	$(BIN)/python benchmarks/embedding.py --device cuda --out $(RESULTS)/embedding-gpu.json

screenshot: demo  ## Write docs/report.png of the bundled corpus; needs Chromium
	$(BIN)/python docs/screenshot.py runs/demo/report.html docs/report.png

constraints: $(READY)  ## Write the pinned versions of the CPU set-up again
	$(BIN)/python -m pip freeze --exclude-editable | sed -E 's/\+cpu$$//' > $(CONSTRAINTS)

clean:  ## Remove what the targets made
	rm -rf $(VENV) runs build dist .mypy_cache .ruff_cache .pytest_cache
