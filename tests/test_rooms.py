"""The house keeps its rules: which room may import which, how long a file may be, and what no file may do."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ARROWS = {  # a room and the rooms that it may import: styles <- models <- server -> protocol <- frontend
    "styles": set[str](),
    "models": {"styles"},
    "protocol": set[str](),
    "server": {"models", "styles", "protocol"},
    "frontend": {"protocol"},
    "benchmarks": {"styles", "models", "server", "protocol", "frontend"},
}
OPEN_TO_ALL = tuple(f"protocol.{name}" for name in ("alphabet", "atomic_file", "documents", "errors", "validation"))
LONGEST_FILE = 600  # lines
CAN_RUN_STRANGERS_CODE = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
HEAVY = {
    "torch",
    "numpy",
    "pyglet",
    "imgui_bundle",
    "textual",
    "rtmidi",
    "httpx",
    "pythonosc",
    "starlette",
    "uvicorn",
    "pydantic",
    "tomlkit",
}

NOT_INSTALLED = "models/training/state/"  # the unfinished base: carried from day to day, of no use to a player

MODULES = [*sorted(path for room in ARROWS for path in (ROOT / room).rglob("*.py")), ROOT / "antiphon.py"]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names of all that a module imports, lazily or not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_open_to_all(target: str) -> bool:
    return f"{target}.".startswith(tuple(f"{module}." for module in OPEN_TO_ALL))


@pytest.fixture(params=MODULES, ids=name)
def module(request: pytest.FixtureRequest) -> tuple[Path, ast.Module]:
    path: Path = request.param
    return path, ast.parse(path.read_text("utf-8"))


def test_a_room_imports_only_what_its_arrows_allow(module: tuple[Path, ast.Module]) -> None:
    path, tree = module
    room = path.relative_to(ROOT).parts[0]
    allowed = ARROWS.get(room, set(ARROWS)) | {room}
    crossing = {target for target in imports(tree) if target.split(".")[0] in {*ARROWS, "antiphon", "tests"} - allowed}
    assert {target for target in crossing if not is_open_to_all(target)} == set()


@pytest.mark.parametrize("module", OPEN_TO_ALL)
def test_what_every_room_may_import_imports_nothing_but_its_like(module: str) -> None:
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
    ours = {target for target in imports(tree) if target.split(".")[0] in ARROWS}
    assert {target for target in ours if not is_open_to_all(target)} == set()


def folder_arrows(room: str) -> dict[str, set[str]]:
    """From which folders of a room each of its folders imports; a file beside the folders stands by its own name."""
    root, arrows = ROOT / room, dict[str, set[str]]()
    for path in root.rglob("*.py"):
        found = arrows.setdefault(place := path.relative_to(root).parts[0], set())
        for target in imports(ast.parse(path.read_text("utf-8"))):
            parts = target.split(".")
            if parts[0] == room and len(parts) > 1:
                beside = (root / f"{parts[1]}.py").exists()
                found.add(f"{parts[1]}.py" if beside else parts[1])
        found.discard(place)
    return arrows


@pytest.mark.parametrize("room", ["frontend", "server", "models"])
def test_the_folders_of_a_room_import_one_another_in_no_circle(room: str) -> None:
    arrows = folder_arrows(room)
    while free := {folder for folder, targets in arrows.items() if not targets}:
        arrows = {folder: targets - free for folder, targets in arrows.items() if folder not in free}
    assert arrows == {}


def test_the_engine_knows_nothing_of_the_network_nor_of_what_is_recorded() -> None:
    assert folder_arrows("server")["engine"] <= {"filters", "voice_cards.py"}


def test_a_file_is_one_idea_and_says_which(module: tuple[Path, ast.Module]) -> None:
    path, tree = module
    assert ast.get_docstring(tree), "a docstring says what the file promises"
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


def test_nothing_runs_code_out_of_data(module: tuple[Path, ast.Module]) -> None:
    _, tree = module
    assert {target.split(".")[0] for target in imports(tree)} & CAN_RUN_STRANGERS_CODE == set()
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert {call.id for call in calls if isinstance(call, ast.Name)} & {
        "eval",
        "exec",
        "compile",
        "__import__",
    } == set()
    assert "torch.load" not in {ast.unparse(call) for call in calls}, (
        "torch.load unpickles; models.tensor_file reads safetensors"
    )


def test_help_comes_before_anything_heavy_is_loaded() -> None:
    probe = "import sys, antiphon\ntry: antiphon.main()\nexcept SystemExit: print(sorted(sys.modules), file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", probe, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "speak" in ran.stdout
    assert HEAVY & set(ast.literal_eval(ran.stderr)) == set()


def test_the_front_end_needs_no_torch() -> None:
    paths = [path for room in ("frontend", "protocol") for path in (ROOT / room).rglob("*.py")]
    loaded = {target.split(".")[0] for path in paths for target in imports(ast.parse(path.read_text("utf-8")))}
    assert "torch" not in loaded


def test_what_lies_beside_the_code_is_installed_with_it() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    patterns = [f"{room}/{pattern}" for room, found in setuptools["package-data"].items() for pattern in found]
    beside = {
        name(path)
        for room in ARROWS
        for path in (ROOT / room).rglob("*.*")
        if path.suffix not in (".py", ".pyc") and not path.name.startswith(".") and path.is_file()
    }
    beside -= {path for path in beside if path.startswith(NOT_INSTALLED)}
    assert {path for path in beside if not any(fnmatch(path, pattern) for pattern in patterns)} == set()


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for room in ARROWS for path in (ROOT / room).rglob("*.py")}
    assert {name(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()


FRONTEND_ARROWS = {  # a folder of the front end and what of the front end it must not import
    "look": ("frontend",),
    "client": ("frontend.look", "frontend.config", "frontend.control", "frontend.inputs", "frontend.stage"),
    "config": ("frontend.client", "frontend.control", "frontend.inputs", "frontend.stage"),
    "control/state": ("frontend.control.drawing", "frontend.control.panels", "frontend.control.drawers"),
    "control/drawing": ("frontend.control.panels", "frontend.control.drawers"),
    "control/panels": ("frontend.control.drawers",),
}


@pytest.mark.parametrize("folder", FRONTEND_ARROWS)
def test_the_front_ends_folders_import_one_way(folder: str) -> None:
    loaded = {
        t for path in (ROOT / "frontend" / folder).glob("*.py") for t in imports(ast.parse(path.read_text("utf-8")))
    }
    inside = f"frontend.{folder.replace('/', '.')}."
    barred = tuple(f"{each}." for each in FRONTEND_ARROWS[folder])
    assert {target for target in loaded if target.startswith(barred) and not target.startswith(inside)} == set()
