"""The transformer behind the knob *sense* on the command line: `antiphon models`, `antiphon models install`.

A part of the command line, hung into it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()

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
