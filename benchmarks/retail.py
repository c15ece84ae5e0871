"""Shops: accuracy and bands of our forecasts beside the best peer's on real sales, several origins each."""

import argparse
from pathlib import Path

from benchmarks import ours, series
from benchmarks.forecast import Work, all_scores
from benchmarks.peers import SHOP_PEERS
from benchmarks.retail_report import Board, Report


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    names = list(SHOP_PEERS)
    parser.add_argument("--peers", nargs="+", choices=names, metavar="PEER", help=f"only these of: {', '.join(names)}")
    parser.add_argument("--no-ours", action="store_true", help="without Dyocense's own rows")
    parser.add_argument("--kept", type=Path, help="a folder in which the peers' forecasts are kept between runs")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Forecast all cases by all chosen methods; the tables, and the figures for the JSON line."""
    cases = series.load(options.data)
    if options.sample:
        cases = series.sample(cases, options.sample, options.seed)
    peers = {key: peer.label for key, peer in SHOP_PEERS.items() if key in (options.peers or SHOP_PEERS)}
    mine = {} if options.no_ours else {key: method.label for key, method in ours.methods().items()}
    work = Work((*mine, *peers), options.seed, options.kept)
    board = Board.of(cases, list(all_scores(cases, work, options.jobs)))
    report = Report(board, mine, peers, options.seed)
    return report.text(), report.figures()
