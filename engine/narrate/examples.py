"""Rewordings that show a model what is wanted: the three that are most like its sentence are put before it.

No digit may stand in an example, and no matter of the engine's own sentences: small models copy both.
"""

import re

EXAMPLES = (
    ("All doors are shut.", "All of the doors are shut."),
    ("Nothing has to be paid today.", "There is nothing that has to be paid today."),
    ("Together they may read [A] a day.", "They may read [A] a day together."),
    ("[A]: [B] in the box.", "[A]: in the box, [B]."),
    ("Per hour, that is about the same as before.", "That is about the same per hour as before."),
    ("That is [A] per hour.", "Per hour, that is [A]."),
    ("Per hour, that is [A] less than in the time before.", "That is [A] less per hour than in the time before."),
    ("Per hour, that is [A] more than in the time before.", "That is [A] more per hour than in the time before."),
    ("[A] need not be paid now.", "Now, [A] need not be paid."),
    ("Against the hour before, it is up [A].", "It is up [A] against the hour before."),
    ("Washing them costs [A].", "It costs [A] to wash them."),
    ("No trip that keeps to the map can take less than [A].", "No trip can take less than [A] if it keeps to the map."),
    ("On most days the clock was off by [A].", "The clock was off by [A] on most days."),
    ("Overall that should take [A] more.", "That should take [A] more overall."),
    ("With it, [A] of the seats should be free.", "[A] of the seats should be free with it."),
    ("There are [A] in the garden.", "In the garden there are [A]."),
    ("There are [A] to read today, from [B].", "Today there are [A] to read, from [B]."),
    ("Per hour, that is [A] less than in the [B] before.", "That is [A] less per hour than in the [B] before."),
    ("Per hour, that is [A] more than in the [B] before.", "That is [A] more per hour than in the [B] before."),
    ("Read [A] of [B] now.", "Now read [A] of [B]."),
    ("Late trains are expected to cost [A] until then.", "Until then, late trains are expected to cost [A]."),
    ("[A] should get most of the rain: [B] more.", "Most of the rain should go to [A]: [B] more."),
    ("It takes [A], and a shorter way could save [B].", "It takes [A], but a shorter way could save [B]."),
    ("The best hour was [A], with [B].", "The best of the hours was [A], with [B]."),
    ("In this valley, rain lies between [A] and [B].", "Rain lies between [A] and [B] in this valley."),
    ("At night, both are about the same.", "Both are about the same at night."),
    ("It is about the same.", "It is much the same."),
    ("Per guest, that is [A] more than in the hour before.", "That is [A] more per guest than in the hour before."),
    ("[A] should lose most: [B] less.", "It is [A] that should lose most: [B] less."),
    ("Beside that, the next drop would fill [A].", "The next drop would fill [A] beside that."),
    ("By what the map shows, it lies between [A] and [B].", "It lies between [A] and [B] by what the map shows."),
    ("Whether [A] is right cannot be said from here: [B].", "It cannot be said from here whether [A] is right: [B]."),
    ("We expect [A] over the next [B].", "You can expect [A] in the next [B]."),
)  # fmt: skip
SHOWN = 3


def alike(sentence: str) -> tuple[tuple[str, str], ...]:
    """The examples whose words are most like those of the masked sentence; the nearest comes last, where it counts."""
    words = _words(sentence)

    def likeness(example: tuple[str, str]) -> float:
        others = _words(example[0])
        return len(words & others) / len(words | others)

    return tuple(sorted(EXAMPLES, key=likeness)[-SHOWN:])


def _words(sentence: str) -> set[str]:
    return set(re.findall(r"\[[A-Z]\]|[^\W\d_]+", sentence.casefold()))
