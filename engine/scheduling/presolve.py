"""Fewer and stronger forms that say the same."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.arrays import Bools
from engine.scheduling.constraints import Constraint, ForbiddenSequence, RangeConstraint


def joined_pairs(forms: Sequence[Constraint]) -> dict[frozenset[int], Bools]:
    """All forbidden pairs that must hold, joined: per set of first days, what may not follow what, (K + 1, K + 1)."""
    joined: dict[frozenset[int], Bools] = {}
    for form in forms:
        if isinstance(form, ForbiddenSequence) and form.penalty is None and len(form.steps) == 2:
            pairs = np.outer(form.steps[0], form.steps[1])
            joined[form.starts] = joined.get(form.starts, np.zeros_like(pairs)) | pairs
    return joined


def presolve(forms: Sequence[Constraint]) -> tuple[Constraint, ...]:
    """The forms with forbidden pairs regrouped by what may not follow, without sums that cannot leave their range."""
    forms_left = [
        form
        for form in forms
        if not (isinstance(form, ForbiddenSequence) and form.penalty is None and len(form.steps) == 2)
    ]
    forms_left = [form for form in forms_left if not (isinstance(form, RangeConstraint) and _idle(form))]
    statement = next((form.statement for form in forms), None)
    for starts, pairs in joined_pairs(forms).items():
        assert statement is not None
        follows: dict[bytes, list[int]] = {}
        for first in np.flatnonzero(pairs.any(axis=1)):
            follows.setdefault(pairs[first].tobytes(), []).append(int(first))
        for firsts in follows.values():
            mask = np.zeros(len(pairs), dtype=bool)
            mask[firsts] = True
            forms_left.append(ForbiddenSequence(starts, (mask, pairs[firsts[0]]), None, statement))
    return tuple(forms_left)


def _idle(tally: RangeConstraint) -> bool:
    """True when no sequence of duties can bring the sum out of its limits."""
    most = tally.start + int(tally.gain.max(initial=0)) * len(tally.days)
    return tally.least <= tally.start and all(most <= threshold for threshold, _ in tally.tiers)


def in_units(tally: RangeConstraint) -> RangeConstraint:
    """The tally counted in the largest unit that divides all its numbers, so that it needs few states.

    A lower limit between two multiples is rounded up and an upper one down, which changes no hard limit; soft ones
    keep their unit unless they divide.
    """
    unit = int(np.gcd.reduce([*tally.gain[tally.gain > 0].tolist(), tally.start or 0]) or 1)
    soft = [most for most, penalty in tally.tiers if penalty is not None] + [tally.least] * (tally.under is not None)
    unit = int(np.gcd.reduce([unit, *soft])) or 1
    tiers = tuple((most // unit, None if cost is None else cost * unit) for most, cost in tally.tiers)
    under = None if tally.under is None else tally.under * unit
    return replace(
        tally,
        gain=tally.gain // unit,
        least=-(-tally.least // unit),
        under=under,
        tiers=tiers,
        start=tally.start // unit,
    )
