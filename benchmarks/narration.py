"""Narration: a model that lies on purpose, 2,000 lies, honest rewordings, and a real small model."""

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.narration_texts import LIES, lie, paraphrases
from benchmarks.narration_worlds import some_facts
from engine.facts import Facts
from engine.llm.chat import Ask, ChatModel, Completion
from engine.narrate import narrate, unsupported_numbers
from engine.narrate.fidelity import refusal
from engine.narrate.narrator import masked
from engine.narrate.sentences import MaskedSentence
from engine.narrate.writer import reword

NARRATIONS, MUTANTS = 10_000, 2_000
DIGITS = re.compile(r"\d(?:[\d.,]*\d)?")


@dataclass
class Liar:
    """A model that tells a lie of some kind about every sentence, or rewords it honestly, by chance."""

    rng: random.Random
    wordings: dict[str, list[str]]
    name: str = "liar"
    provider: str = "liar"
    local: bool = True
    counts: Counter[str] = field(default_factory=Counter)

    def ask(self, ask: Ask) -> Completion:
        """A lie, mostly."""
        source = ask.messages[-1].text
        kind, text = lie(self.rng.choice([source, *self.wordings.get(source, [])]), self.rng)
        if self.rng.random() < 0.1:
            kind, text = "honest", self.rng.choice(self.wordings.get(source, [source]))
        self.counts[kind] += 1
        return Completion(text, self.name, self.provider, 0, 0)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area."""
    parser.add_argument("--narrations", type=int, default=NARRATIONS, help="narrations with the lying model")
    parser.add_argument("--real", type=int, default=60, help="sentences for the real small model; 0 leaves it out")
    parser.add_argument("--texts", type=Path, help="also write what the real model said to this file")
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """The table and the figures."""
    figures: dict[str, object] = {}
    figures |= _lied_to(options.narrations, options.seed)
    figures |= _mutants(options.seed)
    figures |= _honest()
    figures |= _speed(options.seed)
    if options.real:
        figures |= _real(options.real, options.seed, options.texts)
    return "\n".join(f"{name:38} {value}" for name, value in figures.items()), figures


def _lied_to(count: int, seed: int) -> dict[str, object]:
    """What reaches the screen when the model lies; numbers are read here once more, without the engine's check."""
    rng = random.Random(seed)
    wordings: dict[str, list[str]] = {}
    for source, text in paraphrases():
        wordings.setdefault(source, []).append(text)
    model, displays, wrong, unsupported = Liar(rng, wordings), 0, 0, 0
    for _ in range(count):
        page, facts = some_facts(rng)
        sources = masked(facts, page)
        results = list(reword(sources, facts, model, most_tags=26))
        displays += sum(bool(result.text) for result in results)
        texts = [result.sentence.text for result in results]
        wrong += any(
            Counter(DIGITS.findall(text)) != Counter(DIGITS.findall(source.fill()))
            for source, text in zip(sources, texts, strict=True)
        )
        unsupported += bool(unsupported_numbers(" ".join(texts), facts))
    return {
        "narrations": count,
        "lies_told": sum(model.counts.values()) - model.counts["honest"],
        "rewordings_shown": displays,
        "shown_with_unsupported_number": unsupported,
        "shown_with_other_digits": wrong,
    }


def _mutants(seed: int) -> dict[str, object]:
    rng = random.Random(seed)
    pairs = [pair for pair in paraphrases() if refusal(*pair) is None]
    counts, catches = Counter[str](), Counter[str]()
    for _ in range(MUTANTS):
        source, text = rng.choice(pairs)
        kind, lie_text = lie(rng.choice([source, text]), rng)
        counts[kind] += 1
        catches[kind] += refusal(source, lie_text) is not None
    by_kind: dict[str, object] = {
        f"caught_{kind.replace(' ', '_')}": catches[kind] / max(1, counts[kind]) for kind in LIES
    }
    return {"mutants": MUTANTS, "mutants_caught": sum(catches.values()) / MUTANTS} | by_kind


def _honest() -> dict[str, object]:
    pairs = paraphrases()
    refusals = sum(refusal(source, text) is not None for source, text in pairs)
    return {"paraphrases": len(pairs), "paraphrases_refused": refusals / len(pairs)}


def _speed(seed: int) -> dict[str, object]:
    """CPU time of a page's own sentences, the first one of a page aside: it loads Babel's tables."""
    rng, times = random.Random(seed), []
    for _ in range(200):
        page, facts = some_facts(rng)
        start = time.process_time()
        narrate(facts, page)
        times.append(time.process_time() - start)
    return {"template_ms_p95": 1000 * sorted(times)[int(0.95 * len(times))]}


def _real(count: int, seed: int, texts: Path | None) -> dict[str, object]:
    """What SmolLM2-135M makes of distinct sentences: it proves wiring and safety, not quality.

    Where it is not installed, its row says how to get it.
    """
    from engine.llm import tiny
    from engine.llm.providers import OpenAIChat

    try:
        server = tiny.start()
    except tiny.NoLocalModel as problem:
        return {"real": str(problem)}
    model: ChatModel = OpenAIChat(tiny.NAME, url=f"{server.listening_address}/v1")
    lines, passes, tries = [], Counter[int](), Counter[int]()
    repeats, start = 0, time.monotonic()
    for source, facts in _distinct(count, seed):
        result = next(reword([source], facts, model, seconds=120.0))
        tags = len(source.values)
        tries[tags] += 1
        passes[tags] += bool(result.text)
        repeats += result.text == source.text
        lines.append(f"{source.text}\n    {result.text or '-'}  {', '.join(result.refusals)}")
    if texts is not None:
        texts.write_text("\n".join(lines) + "\n")
    total = max(1, sum(tries.values()))
    few = max(1, tries[0] + tries[1])
    return {
        "real_sentences": sum(tries.values()),
        "real_accepted": sum(passes.values()) / total,
        "real_accepted_up_to_one_value": (passes[0] + passes[1]) / few,
        "real_repeated_unchanged": repeats / total,
        "real_seconds_each": (time.monotonic() - start) / total,
    }


def _distinct(count: int, seed: int) -> Iterator[tuple[MaskedSentence, Facts]]:
    rng, sources = random.Random(seed), set[str]()
    for _ in range(20 * count):
        page, facts = some_facts(rng)
        for source in masked(facts, page):
            if len(source.values) <= 2 and source.text not in sources and len(sources) < count:
                sources.add(source.text)
                yield source, facts
