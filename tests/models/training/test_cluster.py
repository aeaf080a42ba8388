"""Voices made by Ray on two nodes: as if made here, and a lost worker costs a voice nothing but time."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.char_lstm.network import Shape
from models.char_lstm.weights_file import VoiceWeights
from models.training import cluster
from models.training.cluster import Job, store_if_better, train_on_cluster
from models.training.train_voice import make_voice
from models.training.trainer import TrainingConfig
from protocol.errors import TrainingError

TEXT = "".join(f"The {number}th fox jumps over the lazy dog, and then it sleeps.\n" for number in range(200))
RECIPE = TrainingConfig(chars=80_000, texts=8, steps=16, peak=1e-2)
JOBS = [Job(slug, TEXT.replace("fox", slug), RECIPE, None, Shape(1, 16)) for slug in ("fox", "hen")]
WRONG = Job("cat", "too short", RECIPE, None, Shape(1, 16))


@pytest.fixture
def two_nodes() -> Iterator[Any]:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'antiphon[ray]'")
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        nodes.add_node(num_cpus=2)
        with cluster.cluster(nodes.address) as ray:
            yield ray
    finally:
        nodes.shutdown()  # type: ignore[no-untyped-call]


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_killed_workers_voice_is_made_all_the_same_and_every_voice_is_what_it_would_be_here(
    home: Path, tmp_path: Path, two_nodes: Any
) -> None:
    said: list[str] = []
    killed: list[int] = []

    def say(line: str) -> None:
        said.append(line)
        if not killed and line.startswith("fox: ") and "held out" in line:  # in the middle, a checkpoint written
            (begun,) = [told for told in said if told.startswith("fox: begun in process")]
            killed.append(int(re.findall(r"process (\d+)", begun)[0]))
            os.kill(killed[0], signal.SIGKILL)

    results = {result.slug: result for result in train_on_cluster(two_nodes, [*JOBS, WRONG], tmp_path / "runs", say)}
    assert killed and any(line.startswith("fox: its worker was lost; begun in process") for line in said)
    assert any(line.startswith("hen: ") and "held out" in line for line in said)
    assert "2000 at least" in results["cat"].trouble
    for job in JOBS:
        path = tmp_path / f"{job.slug}.safetensors"
        assert store_if_better(results[job.slug], job.text, path).kept
        here = make_voice(
            job.slug,
            job.text,
            tmp_path / "here" / path.name,
            tmp_path / "c",
            job.config,
            None,
            job.shape,
            "cpu",
            lambda *_: None,
        )
        there, local = VoiceWeights.load(path), VoiceWeights.load(here.path)
        assert there.record["held_out_bits"] == pytest.approx(local.record["held_out_bits"], abs=0.02)
        if job.slug == "hen":
            assert there.output.values.equal(local.output.values) and there.characters.values.equal(
                local.characters.values
            )


def test_a_voice_from_elsewhere_replaces_only_a_worse_one(tmp_path: Path) -> None:
    path = tmp_path / "fox.safetensors"
    quick = replace(RECIPE, chars=30_000)
    made = make_voice("fox", TEXT, path, tmp_path / "c", quick, None, Shape(1, 16), "cpu", lambda *_: None)
    before = path.read_bytes()
    worse = cluster.ClusterResult("fox", b"worse", replace(made, bits=made.bits + 0.1), "")
    assert not store_if_better(worse, TEXT, path).kept and path.read_bytes() == before
    better = cluster.ClusterResult("fox", b"better", replace(made, bits=made.bits - 0.1), "")
    assert store_if_better(better, TEXT, path).kept and path.read_bytes() == b"better"
    with pytest.raises(TrainingError, match="fox: lost"):
        store_if_better(cluster.ClusterResult("fox", b"", None, "lost 4 times"), TEXT, path)


def test_without_ray_a_cluster_costs_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(TrainingError, match="pip install 'antiphon"), cluster.cluster(None):
        pass
