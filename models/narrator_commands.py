"""Transformers on the command line, one of which is behind the knob *sense*: `antiphon models`, `install`, `tune`.

A part of the command line, hung into it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.training.threads import limit_openmp_spinning
from protocol.errors import TrainingError

app = typer.Typer()

NOTHING = "nothing"  # what a small GPT-2 is made of

What = Annotated[
    str, typer.Argument(help="smollm2, a GGUF file, or a folder as the hub has them (Llama's family, or GPT-2's).")
]


@app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """Say which transformer is the narrator, behind the knob sense, or install one."""
    from models import tensor_file, voice_folders

    if context.invoked_subcommand is not None:
        return
    path = voice_folders.installed_narrator()
    record = tensor_file.read_record(path)
    print(f"{record.get('slug')}: {path}")
    print(f"adapters: {', '.join(voice_folders.adapters()) or 'none'}")


@app.command()
def install(what: What = "smollm2") -> None:
    """Get a transformer and make it the narrator, in the place of any other. Nothing of it is run but its numbers."""
    from models.transformer.install import install as install_model

    install_model(what, lambda line: print(f"antiphon: {line}", flush=True))


@app.command()
def tune(
    name: Annotated[str, typer.Argument(help="What it is to be called; of a style's own works, or with --text.")],
    text: Annotated[Path | None, typer.Option(help="A text of yours, in any encoding.")] = None,
    of: Annotated[
        str, typer.Option("--from", help="A GGUF file, a folder, one tuned before, or nothing; else the narrator.")
    ] = "",
    minutes: Annotated[float | None, typer.Option(min=0.01, help="Of one core; by default 15, from nothing 6.")] = None,
    updates: Annotated[int | None, typer.Option(min=1, help="At the most.")] = None,
    sample_every: Annotated[int, typer.Option(min=1, help="Updates between two samples.")] = 50,
) -> None:
    """Train all of a transformer on a text, as GPT-2 is fine-tuned, and show what it writes on the way."""
    limit_openmp_spinning()
    import threading
    from dataclasses import replace

    from platformdirs import user_cache_path

    from models import voice_folders
    from models.int8_rows import slug_of
    from models.training.fine_tuning import FROM_NOTHING, FURTHER, SAMPLE_CHARS, every, fine_tune, small_gpt2
    from models.training.progress import ProgressReporter, display, stoppable
    from models.training.train_cli import outcome
    from models.transformer.convert import convert
    from models.transformer.install import path_of
    from styles.cleaning import prepare_user_text
    from styles.library import corpus_path
    from styles.making import read_text_file

    try:
        path = voice_folders.fine_tuned(slug_of(name))
    except ValueError as error:
        raise TrainingError(str(error)) from None
    read = prepare_user_text(read_text_file(text), str(text)).text if text else corpus_path(name).read_text("ascii")
    plan = FROM_NOTHING if of == NOTHING else FURTHER
    plan = replace(plan, minutes=minutes or plan.minutes, updates=updates)
    if of == NOTHING:
        weights = small_gpt2(read)
    else:
        weights = convert(path_of(of) if of else voice_folders.installed_narrator(), name)
    stop = threading.Event()
    checkpoint = user_cache_path("antiphon", appauthor=False) / "runs" / f"{name}.tuned{voice_folders.SUFFIX}"
    with display() as shown, stoppable(stop, shown.say):
        panel = ProgressReporter(f"{name}: all of {weights.name}", shown, write=lambda write: write(SAMPLE_CHARS))
        report = every(sample_every, shown.say, panel)
        made = fine_tune(name, read, weights, path, checkpoint, plan, report, stop.is_set)
        shown.say(f"{outcome(name, made)}; antiphon models install {name} makes it the narrator")
