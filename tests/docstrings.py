"""Hold the docstrings of every public function and class to numpydoc's rules: `python tests/docstrings.py`."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from numpydoc.validate import validate

ROOT = Path(__file__).parent.parent
CHECKS = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["numpydoc_validation"]["checks"])
# Commands are documented by their help texts; artifacts has one docstring for eighteen functions of two shapes.
EXEMPT = {"topicgpu.cli", "topicgpu.cache_cli", "topicgpu.label_cli", "topicgpu.export_cli", "topicgpu.artifacts"}
if find_spec("triton") is None:  # it comes for Linux alone, and without it this module can't be imported
    EXEMPT.add("topicgpu_kernels.topk.parts_triton")
PACKAGES = (ROOT / "src/topicgpu", ROOT / "kernels/topicgpu_kernels")


def public_functions(path: Path, package: Path) -> Iterator[str]:
    """Dotted names of the functions at the top of a module that other modules may call."""
    module = ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield f"{module}.{node.name}"


def main() -> int:
    problems = 0
    for package in PACKAGES:
        for path in sorted(package.rglob("*.py")):
            if path.name.startswith("_") and path.name != "__init__.py":
                continue
            for name in public_functions(path, package):
                if name.rpartition(".")[0] in EXEMPT:
                    continue
                for code, message in validate(name)["errors"]:
                    if code in CHECKS:
                        problems += 1
                        print(f"{name}: {code} {message}")  # noqa: T201 (a program)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
