"""The encoding of a text file without a mark: the candidate in which its bytes make the likeliest letters."""

import re
from collections import Counter

_SAMPLE_BYTES = 400_000

# What each encoding is likely to mean in a business's text, and letters that are right only beside a blank or digit.
_WESTERN = "äöüßÄÖÜéèêëÉÈÊàâáãåÀÂÁçÇîïíìñÑóòôõøúùûæœÓ€£°«»–—’‘“”…§½²©®"
_CENTRAL = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüßÄÖÜéÉáíúčřšžěůťďňýŠŽČő€–—’„”“…§°"
_NEVER_IN_A_WORD = "³¹¿¯£¢¥¤¦¶·¸¼¾×÷±"
_ALSO_ODD_ON_A_MAC = "–—…„“”‘’§°•†‡‰™"
_SINGLE_BYTE = {"cp1252": _WESTERN, "cp1250": _CENTRAL, "iso8859_2": _CENTRAL, "mac_roman": _WESTERN}
_DOUBLE_BYTE = ("cp949", "euc_jp", "cp932", "gb18030", "cp950")
_KANA = "".join(map(chr, range(0x3041, 0x30FF)))
_EVERYDAY_HANGUL = (
    "이다의는에가을로고하지기한사리아인서나스대시어도그자정수일부장구상주전보원트비유제공오과면동성조용우선경마여소신해안연진화"
    "개국무물회세만라니드레미카커피파프크케식빵차홍음료품날짜량매출금액합계점명고객월년은를들있것생산문교체실중"
)
_OWN_LETTERS = {"cp949": (_EVERYDAY_HANGUL, 0.25), "euc_jp": (_KANA, 0.15)}
"""Letters that are everyday ones in Korean and in Japanese alone, and the least share that they make up of a text.

The same bytes make Chinese letters, but then hardly ever these.
"""

_CJK_MARKS = "、。「」（）：；，！？・ー％＋－　＄￥"
_SURE_CJK = 0.6
"""Share of the letters beyond ASCII that must be everyday ones, net of rare ones."""


def likely_encoding(content: bytes) -> str:
    """The likeliest encoding of Western or Central Europe, China, Japan or Korea for bytes that are not UTF-8."""
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
    counts = Counter(character for character in text if character > "\x7f")
    score = sum(count if character in expected else -count for character, count in counts.items())
    odd = _NEVER_IN_A_WORD + ("" if mac else _ALSO_ODD_ON_A_MAC)
    stray = sum(
        len(re.findall(rf"(?<=[^\W\d_]){character}(?=[^\W\d_])", text)) for character in odd if character in counts
    )
    edge = sum(
        len(re.findall(rf"[^\W\d_]{character}|{character}[^\W\d_]", text))
        for character in _NEVER_IN_A_WORD
        if character in counts
    )
    glued = len(re.findall(r"[€£][^\W\d_]{2}", text))
    return score - 2 * (max(stray, edge) + glued)


def _everyday_share(sample: bytes, encoding: str) -> float:
    """How much of the text beyond ASCII is everyday Chinese or Japanese, less what is rare; below 0 when it is none."""
    text = _decode(sample, encoding)
    letters = [character for character in text if character > "\x7f"]
    if not letters:
        return -1.0
    # Western words read this way have their signs beside small plain letters, as no Asian word has.
    runs = re.findall(r"([a-z]?)[^\x00-\x7f]+([a-z]?)", text)
    if sum(bool(before or after) for before, after in runs) * 3 > len(runs):
        return -1.0
    counts = Counter(letters)
    own, least = _OWN_LETTERS.get(encoding, ("", 0.0))
    if sum(counts[character] for character in own) < least * len(letters):
        return -1.0
    everyday = sum(count for character, count in counts.items() if _is_everyday(character, encoding))
    return (2 * everyday - len(letters)) / len(letters)


def _decode(sample: bytes, encoding: str) -> str:
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
    if encoding == "cp949":
        return "\uac00" <= character <= "\ud7a3"
    if encoding in ("cp932", "euc_jp") and "\u3041" <= character <= "\u30fe":
        return True
    first = character.encode(encoding, errors="replace")[0]
    if encoding == "gb18030":
        return 0xB0 <= first <= 0xD7 and len(character.encode("gb2312", errors="ignore")) == 2
    if encoding == "cp950":
        return 0xA4 <= first <= 0xC6
    if encoding == "euc_jp":
        return 0xB0 <= first <= 0xCF
    return 0x88 <= first <= 0x97
