"""The inner loops of the search for one person's best roster, compiled.

Imported at the first search only, for numba is heavy; what it has compiled is kept beside this file.
"""

import numba
import numpy as np

from engine.arrays import Floats, Ints32
from engine.scheduling.sums import Net


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _reached(row: Floats, values: Ints32) -> int:
    """Write the places of finite entries to `values`; returns how many there are."""
    count = 0
    for value in range(row.shape[0]):
        if row[value] < np.inf:
            values[count] = value
            count += 1
    return count


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _advance(net: Net, day: int, price: Floats, now: Floats, arrival: Ints32) -> Floats:
    """Costs on the next day; how each was reached goes to `came`, as (arc of the day) * counter values + value."""
    size = now.shape[1]
    after = np.full(now.shape, np.inf)
    values = np.empty(size, np.int32)
    for state in range(now.shape[0]):
        begin, end = net.first[day, state], net.first[day, state + 1]
        count = _reached(now[state], values) if begin < end else 0
        if count == 0:
            continue
        for arc in range(begin, end):
            step = price[net.kind[arc]] + net.cost[arc]
            if step == np.inf:
                continue
            to, move, code = net.target[arc], net.moves[arc], (arc - net.first[day, 0]) * size
            for place in range(count):
                value = values[place]
                onto = net.counter_to[move, value]
                total = now[state, value] + step + net.counter_cost[move, value]
                if onto >= 0 and total < after[to, onto]:
                    after[to, onto] = total
                    arrival[to, onto] = code + value
    return after


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _close(net: Net, row: int, after: Floats, folded: Ints32) -> Floats:
    """End a period: counters start anew; which value each came from goes to `folded`."""
    closed = np.full(after.shape, np.inf)
    for state in range(after.shape[0]):
        for value in range(after.shape[1]):
            total = after[state, value] + net.close_cost[row, value]
            onto = net.close_to[row, value]
            if total < closed[state, onto]:
                closed[state, onto] = total
                folded[state, onto] = value
    return closed


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _leaves(first: Ints32, arc: int) -> int:
    """The state that an arc leaves: the arcs of a state lie together."""
    low, high = 0, first.shape[0] - 1
    while high - low > 1:
        middle = (low + high) // 2
        if first[middle] <= arc:
            low = middle
        else:
            high = middle
    return low


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def shortest(net: Net, price: Floats, kinds_out: Ints32) -> float:
    """The cheapest path; its kinds of duty go to `kinds_out`, shape (days,), which is untouched when there is none.

    Args:
        net: the graph.
        price: shape (days, kinds), what each kind of duty costs on each day.
        kinds_out: the path.

    Returns:
        The cost, or infinity when no path is allowed.
    """
    days, states, size = net.first.shape[0], net.first.shape[1] - 1, net.counter_to.shape[1]
    now = np.full((states, size), np.inf)
    now[0, net.start] = 0.0
    arrival = np.empty((days, states, size), np.int32)
    folded = np.empty((days, states, size), np.int32)
    for day in range(days):
        now = _advance(net, day, price[day], now, arrival[day])
        if net.closing[day] >= 0:
            now = _close(net, net.closing[day], now, folded[day])
    best, state, value = np.inf, 0, 0
    for last in range(states):
        place = int(np.argmin(now[last]))
        if now[last, place] + net.finish[last] < best:
            best, state, value = now[last, place] + net.finish[last], last, place
    if best == np.inf:
        return best
    for back in range(days):
        day = days - 1 - back
        if net.closing[day] >= 0:
            value = folded[day, state, value]
        code = arrival[day, state, value]
        arc = net.first[day, 0] + code // size
        value = code % size
        kinds_out[day] = net.kind[arc]
        state = _leaves(net.first[day], arc)
    return best
