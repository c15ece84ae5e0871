"""Make the five workbooks and the truth behind them: `python -m sample_data.make [--out FOLDER]`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from sample_data.businesses import BUSINESSES
from sample_data.process import simulate
from sample_data.truth import as_json, truth_of
from sample_data.workbook import write_workbook

HERE = Path(__file__).parent


def make(folder: Path) -> list[Path]:
    """Write all workbooks and `truth.json` into the folder; return what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    simulations = [simulate(business) for business in BUSINESSES]
    written = [write_workbook(simulation, folder) for simulation in simulations]
    truth = folder / "truth.json"
    truth.write_text(as_json({s.business.key: truth_of(s) for s in simulations}), encoding="utf-8")
    return [*written, truth]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and make everything."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.make", description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into (default: this one)")
    for path in make(parser.parse_args(arguments).out):
        print(f"{path}  {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
