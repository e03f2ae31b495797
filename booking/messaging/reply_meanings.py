"""What an inbound text means, in English and Spanish; the words themselves are in wordings.toml.

Crisis words are looked for first: a life is worth a false alarm. Then whatever may be a wording of "stop"
(47 CFR 64.1200(a)(10), since April 2025: any reasonable one counts), the provider's own keywords among them,
which it obeys whatever we think. What is left unclear goes to a person.
"""

import re
import tomllib
import unicodedata
from difflib import get_close_matches
from pathlib import Path

from booking.messaging.rules import ReplyMeaning

ALIKE = 0.82  # difflib's measure: one or two letters of a longer word may be wrong


WORDINGS = tomllib.loads(Path(__file__).with_name("wordings.toml").read_text("utf-8"))
EMOJI_WORDS = str.maketrans(
    dict.fromkeys("👍✅✔☑👌", " thumbsup ") | {"🛑": " stop ", "🔪": " stab ", "🔫": " shoot "}
)
APOSTROPHES = "['’‘‛`´ʼʻ′＇]"
LETTER_SIGNS = str.maketrans("013457!|*@$", "oieastiiias")  # as in "k1ll" and "d!e"


def _words(name: str) -> frozenset[str]:
    return frozenset(WORDINGS[name].split())


def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """Return a list of patterns, in which <pills> stands for what `pills` is under [named].

    One by one: joined to a single one they take ten times as long.
    """
    return tuple(
        re.compile(re.sub(r"<(\w+)>", lambda match: WORDINGS["named"][match[1]], pattern))
        for pattern in WORDINGS[name]
    )


CRISIS, SAYINGS = _patterns("crisis"), _patterns("sayings")
STOP, NOT_A_STOP = _patterns("stop"), _patterns("not_a_stop")
CHANGE, CONFIRM = _patterns("change"), _patterns("confirm")
STOP_WORDS, ABOUT_THE_APPOINTMENT = _words("stop_words"), _words("about_the_visit")
START_WORDS, HELP_WORDS = _words("start_words"), _words("help_words")
CHANGE_WORDS, CONFIRM_WORDS = _words("change_words"), _words("confirm_words")
CONFIRM_WORDS_ALONE = _words("confirm_words_alone")
CONFIRM_ALONG, POLITE = _words("confirm_along"), _words("polite")
SPANISH_WORDS, SPANISH_LETTERS = _words("spanish"), frozenset("áíóúñ¿¡")
LIKELY = sorted(_words("likely"))
SPELLED = {
    misspelt: meant
    for meant, spelling in WORDINGS["spelled"].items()
    for misspelt in spelling.split()
}


def normalize(body: str) -> str:
    """Return `body` in lower case without accents, apostrophes, punctuation or doubled spaces."""
    without_quotes = re.sub(APOSTROPHES, "", body)
    decomposed = unicodedata.normalize("NFKD", without_quotes).lower()
    letters_only = "".join(char for char in decomposed if not _is_unseen(char))
    return " ".join(re.findall(r"[^\W_]+", letters_only))


def _is_unseen(char: str) -> bool:
    """Tell whether a character has no place of its own: an accent, or a space of no width."""
    return bool(unicodedata.combining(char)) or unicodedata.category(char) == "Cf"


def correct_spelling(body: str) -> str:
    """Return `body` as `normalize`, with usual misspellings put right and emoji as words."""
    spelled_out = re.sub(rf"\bod{APOSTROPHES}d\b", "overdosed", body, flags=re.IGNORECASE)
    text = _join_letters(normalize(spelled_out.translate(EMOJI_WORDS)))
    text = re.sub(r"([^\W\d])\1{2,}", r"\1", text)  # "stoppp", "yesss"
    text = re.sub(r"\b(want|need|have|going|ready|try) 2 ", r"\1 to ", text)  # "want 2 go"
    text = text.replace(" w o ", " without ")
    text = re.sub(r"\b(ca|do|wo|is|was|did|could|does|would|have|are)(n) t\b", r"\1\2t", text)
    return " ".join(_spelled_word(word) for word in text.split())


def _join_letters(text: str) -> str:
    """Return `text` with words that are spaced out put together: "s t o p" is "stop"; "9 a m" is no word."""
    hours = re.sub(r"\b([ap]) m\b", r"\1m", text)
    return re.sub(r"\b(?:[^\W\d] ){2,}[^\W\d]\b", lambda match: match[0].replace(" ", ""), hours)


def _unmask(body: str) -> str:
    """Return `body` with digits and signs inside words as the letters they stand for: "k1ll" is "kill"."""
    signs = r"\b[^\W\d_]\w*|(?<=\w)[!|*](?=\w)|[@$](?=\w)"
    return re.sub(signs, lambda match: match[0].translate(LETTER_SIGNS), body)


def _says(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _spelled_word(word: str) -> str:
    if word in SPELLED or len(word) < 6:
        return str(SPELLED.get(word, word))
    matches = get_close_matches(word, LIKELY, 1, ALIKE)
    begins_alike = matches and (matches[0][0] == word[0] or matches[0][:2] == word[1::-1])
    return matches[0] if begins_alike else word


def is_spanish(body: str) -> bool:
    """Tell whether a text is surely written in Spanish; "1" or "no" may be in any language."""
    return not SPANISH_LETTERS.isdisjoint(body.lower()) or not SPANISH_WORDS.isdisjoint(
        normalize(body).split()
    )


def classify_reply(body: str, opted_out: bool) -> ReplyMeaning:
    """Return what `body` asks for; "yes" means START from who is `opted_out`."""
    text, unmasked = correct_spelling(body), correct_spelling(_unmask(body))
    if _is_crisis(text) or (unmasked != text and _is_crisis(unmasked)):
        return ReplyMeaning.CRISIS
    return _keyword(_strip_courtesies(text), opted_out) or _stop(body, text) or _phrase(body, text)


def _is_crisis(text: str) -> bool:
    """Tell whether anything but sayings in a text may mean a life in danger."""
    for saying in SAYINGS:
        text = saying.sub("/", text)  # no word: what stands around it is no sentence
    return _says(CRISIS, text)


def needs_human_review(body: str, meaning: ReplyMeaning) -> bool:
    """Tell whether a person must read `body`: all but what a program can settle by itself.

    "Cancel" stops our texts, because the provider takes it so, but may have meant the appointment; a sentence
    that we take for "stop" may have meant something else, or more, and "help please" may be a cry.
    """
    if meaning in (ReplyMeaning.CRISIS, ReplyMeaning.CHANGE, ReplyMeaning.UNCLEAR):
        return True
    text = _strip_courtesies(correct_spelling(body))
    if meaning is ReplyMeaning.HELP:
        return normalize(body) not in HELP_WORDS
    is_keyword = text in STOP_WORDS - ABOUT_THE_APPOINTMENT or text == "opt out"
    return meaning is ReplyMeaning.STOP and not is_keyword


def _strip_courtesies(text: str) -> str:
    """Return `text` without politeness, each word once: "stop stop thank you" is "stop"."""
    words = [word for word in text.split() if word not in POLITE]
    return " ".join(dict.fromkeys(words)) if words else ""


def _keyword(text: str, opted_out: bool) -> ReplyMeaning | None:
    if text in STOP_WORDS:
        return ReplyMeaning.STOP
    if text in START_WORDS or (opted_out and text == "yes"):
        return ReplyMeaning.START
    if text in HELP_WORDS:
        return ReplyMeaning.HELP
    if text in CONFIRM_WORDS_ALONE:
        return ReplyMeaning.CONFIRM
    return ReplyMeaning.CHANGE if text in CHANGE_WORDS else None


def _stop(body: str, text: str) -> ReplyMeaning | None:
    """Return STOP if any sentence says nothing else, or if any wording of it is in the text."""
    if _says(NOT_A_STOP, text):
        return None
    sentences = {
        _strip_courtesies(correct_spelling(sentence)) for sentence in re.split(r"[.!?;,\n]+", body)
    }
    stop_sentences = sentences & (STOP_WORDS - ABOUT_THE_APPOINTMENT)
    return (
        ReplyMeaning.STOP
        if stop_sentences or _says(STOP, text) or _says(STOP, _strip_courtesies(text))
        else None
    )


def _phrase(body: str, text: str) -> ReplyMeaning:
    if _says(CHANGE, text):
        return ReplyMeaning.CHANGE
    return ReplyMeaning.CONFIRM if _confirms(body, text) else ReplyMeaning.UNCLEAR


def _confirms(body: str, text: str) -> bool:
    """Tell whether the text says yes and nothing besides: no question, condition, time or other day."""
    words = set(text.split()) - POLITE
    along = CONFIRM_WORDS | CONFIRM_ALONG
    says_yes = words & CONFIRM_WORDS or _says(CONFIRM, text)
    return bool(says_yes) and words <= along and "?" not in body
