"""Runs one area and prints its table, then its JSON line."""

import argparse
import json
import math
import sys
from pathlib import Path
from types import ModuleType

from benchmarks import (
    agreement,
    app,
    budget,
    causal,
    drivers,
    exports,
    forecast,
    hostile,
    ingest,
    inventory,
    inventorybench,
    lotsizing,
    narration,
    ordering,
    orders_truth,
    pollock,
    prior,
    response,
    retail,
    rostering,
    router,
    scale,
    shop_week,
    sku,
    worlds,
)

AREAS: dict[str, ModuleType] = {
    "agreement": agreement,
    "forecast": forecast,
    "retail": retail,
    "budget": budget,
    "causal": causal,
    "response": response,
    "prior": prior,
    "app": app,
    "exports": exports,
    "ingest": ingest,
    "hostile": hostile,
    "sku": sku,
    "worlds": worlds,
    "scale": scale,
    "drivers": drivers,
    "inventory": inventory,
    "inventorybench": inventorybench,
    "lotsizing": lotsizing,
    "ordering": ordering,
    "orders_truth": orders_truth,
    "pollock": pollock,
    "narration": narration,
    "router": router,
    "rostering": rostering,
    "shop_week": shop_week,
}
"""An area has `add_options(parser)` and `run(options) -> (text, figures)`."""

ON_CASES = frozenset(
    {
        *("causal", "exports", "forecast", "retail", "prior", "ingest", "pollock"),
        *("sku", "drivers", "budget", "response", "rostering"),
    }
)
"""Areas that score methods on the cases of a data folder."""


def main(arguments: list[str] | None = None) -> int:
    """Run the area that the arguments name; 0 when it ran."""
    options = _parser().parse_args(arguments)
    text, figures = AREAS[options.area].run(options)
    line = json.dumps(_rounded(figures), allow_nan=False)
    if options.out:
        options.out.write_text(line + "\n")
    print(text)
    print(line)
    return 0


def _folder(text: str) -> Path:
    folder = Path(text)
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {folder}")
    return folder


def _rounded(figures: object) -> object:
    """Six decimals everywhere, and null for what is not a number: JSON has no other word for that."""
    if isinstance(figures, dict):
        return {name: _rounded(value) for name, value in figures.items()}
    if isinstance(figures, list):
        return [_rounded(value) for value in figures]
    if isinstance(figures, float):
        return round(figures, 6) if math.isfinite(figures) else None
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Dyocense beside its peers.")
    areas = parser.add_subparsers(dest="area", required=True)
    for name, module in AREAS.items():
        area = areas.add_parser(name, help=str(module.__doc__).splitlines()[0])
        area.add_argument("--out", type=Path, help="also write the JSON line to this file")
        if name in ON_CASES:
            _add_case_options(area)
        module.add_options(area)
    return parser


def _add_case_options(area: argparse.ArgumentParser) -> None:
    area.add_argument("--data", type=_folder, required=True, help="the folder with the cases")
    area.add_argument("--sample", type=int, help="only so many cases, drawn evenly from every group")
    area.add_argument("--seed", type=int, default=1, help="of the sample and of everything random in the methods")
    area.add_argument("--jobs", type=int, default=1, help="processes side by side")


if __name__ == "__main__":
    sys.exit(main())
