"""The encoding of a text file without a mark: the candidate in which its bytes make the likeliest letters."""

import re
from collections import Counter

_SAMPLE_BYTES = 400_000

# What each encoding is likely to mean in a business's text, and letters that are right only beside a blank or digit.
_WESTERN = "äöüßÄÖÜéèêëÉÈÊàâáãåÀÂÁçÇîïíìñÑóòôõøúùûæœÓ€£°«»–—’‘“”…§½²©®"
_CENTRAL = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüßÄÖÜéÉáíúčřšžěůťďňýŠŽČő€–—’„”“…§°"
_NEVER_IN_A_WORD = "³¹¿¯£¢¥¤¦¶·¸¼¾×÷±"
_ALSO_ODD_ON_A_MAC = "–—…„“”‘’§°•†‡‰™"
_SINGLE_BYTE = {"cp1252": _WESTERN, "cp1250": _CENTRAL, "mac_roman": _WESTERN}
_DOUBLE_BYTE = ("shift_jis", "gb18030", "big5")
_CJK_MARKS = "、。「」（）：；，！？・ー％＋－　＄￥"
_SURE_CJK = 0.6
"""Share of the letters beyond ASCII that must be everyday ones, net of rare ones."""


def likely_encoding(content: bytes) -> str:
    """The likeliest of cp1252, cp1250, mac_roman, shift_jis, gb18030 and big5 for bytes that are not UTF-8."""
    sample = content[:_SAMPLE_BYTES]
    asian = {encoding: _everyday_share(sample, encoding) for encoding in _DOUBLE_BYTE}
    best = max(asian, key=lambda encoding: asian[encoding])
    if asian[best] >= _SURE_CJK:
        return best
    mac_lines = b"\r" in sample and b"\n" not in sample
    scores = {
        encoding: _likelihood(sample.decode(encoding, errors="replace"), expected, mac=encoding == "mac_roman")
        for encoding, expected in _SINGLE_BYTE.items()
    }
    scores["mac_roman"] += 1 if mac_lines else -1  # a tie is a Mac's only where its old line ends are
    return max(scores, key=lambda encoding: scores[encoding])


def _likelihood(text: str, expected: str, *, mac: bool) -> int:
    found = Counter(character for character in text if character > "\x7f")
    score = sum(count if character in expected else -count for character, count in found.items())
    odd = _NEVER_IN_A_WORD + ("" if mac else _ALSO_ODD_ON_A_MAC)
    stray = sum(
        len(re.findall(rf"(?<=[^\W\d_]){character}(?=[^\W\d_])", text)) for character in odd if character in found
    )
    edge = sum(
        len(re.findall(rf"[^\W\d_]{character}|{character}[^\W\d_]", text))
        for character in _NEVER_IN_A_WORD
        if character in found
    )
    glued = len(re.findall(r"[€£][^\W\d_]{2}", text))
    return score - 2 * (max(stray, edge) + glued)


def _everyday_share(sample: bytes, encoding: str) -> float:
    """How much of the text beyond ASCII is everyday Chinese or Japanese, less what is rare; below 0 when it is none."""
    text = _decoded(sample, encoding)
    letters = [character for character in text if character > "\x7f"]
    if not letters:
        return -1.0
    # Western words read this way have their signs between plain letters, as no Asian word has.
    if len(re.findall(r"[A-Za-z][^\x00-\x7f]", text)) * 2 > len(letters):
        return -1.0
    counts = Counter(letters)
    everyday = sum(count for character, count in counts.items() if _is_everyday(character, encoding))
    return (2 * everyday - len(letters)) / len(letters)


def _decoded(sample: bytes, encoding: str) -> str:
    """The text, or "" when the bytes cannot be of this encoding; a letter may be cut in two at the end."""
    for cut in range(4):
        try:
            return sample[: len(sample) - cut].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(sample) - 8:
                return ""
    return ""


def _is_everyday(character: str, encoding: str) -> bool:
    if character in _CJK_MARKS:
        return True
    if encoding == "shift_jis" and "\u3041" <= character <= "\u30fe":
        return True
    first = character.encode(encoding, errors="replace")[0]
    if encoding == "gb18030":
        return 0xB0 <= first <= 0xD7 and len(character.encode("gb2312", errors="ignore")) == 2
    if encoding == "big5":
        return 0xA4 <= first <= 0xC6
    return 0x88 <= first <= 0x97
