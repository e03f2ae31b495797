"""What an inbound text means, in English and Spanish.

Crisis words are looked for first: a life is worth a false alarm. Then the provider's own keywords,
which it obeys whatever we think; then any reasonable wording of "stop" (47 CFR 64.1200(a)(10),
since April 2025). What is left unclear goes to a person.
"""

import re
import unicodedata

from booking.messaging.rules import Meaning

# Twilio stops and starts delivery by itself on these, alone in a text.
STOP_WORDS = frozenset(
    [
        *["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"],
        *["alto", "baja", "basta", "parar", "pare", "detener", "deten", "detente", "cancelar"],
    ]
)
START_WORDS = frozenset(["start", "unstop", "comenzar", "iniciar", "empezar"])
HELP_WORDS = frozenset(["help", "info", "ayuda", "informacion"])
YES_WORDS = frozenset(
    ["yes", "y", "si", "confirm", "confirmed", "confirmo", "confirmar"]
)  # YES also starts, as it does at the provider
CHANGE_WORDS = frozenset(["change", "reschedule", "cambiar", "cambio", "reprogramar"])
ABOUT_THE_VISIT = frozenset(["cancel", "cancelar", "end", "quit"])  # may be meant for the visit

CRISIS = re.compile(
    r"""
    \bsuicid | \bunalive | ^988$ | \b911\b
    | \bkill(ing)?\ (my\ ?self|me)\b | \b(end|ending|take|taking)\ my\ (own\ )?life\b
    | \bend(ing)?\ (it|everything)\b
    | \b(want|wanna|going|gonna|ready|like)\ (to\ )?(die|dying|disappear)\b
    | \bwish\ i\ (was|were)\ (dead|never\ born)\b | \bbetter\ off\ (dead|without\ me)\b
    | \b(cant|cannot|can\ not|couldnt)\ (go\ on|keep\ going|cope|take\ it)\b
    | \b(cant|cannot|can\ not|couldnt)\ (do|take)\ this\b(?!\ (time|day|date|week|month|slot|one|app))
    | \b(no|nothing)\ (reason\ |left\ |point\ )?(to\ live|to\ live\ for|in\ living)\b
    | \b(dont|do\ not|no\ longer)\ (want\ to|wanna)\ (live|be\ here|be\ alive|exist|wake\ up)\b
    | \b(want|wanna|wish)\ (to\ )?be\ dead\b | \b(isnt|is\ not|not)\ worth\ (living|it\ any\ ?more)\b
    | \b(took|swallowed|taken)\ (all|every|too\ many)\b.*\b(pill|med|tablet) | \b(im|i\ am|am)\ not\ safe\b
    | \b(shoot|hang|drown)\ my\ ?self\b | \bjump\ off\b | \bkms\b
    | \b(hurt|harm|cut|cutting|hurting|harming)(ing)?\ my\ ?self\b | \bself\ ?harm
    | \boverdos | \bin\ danger\b | \b(bring|say(ing)?)\ goodbye\b
    | ^(please\ help(\ me)?|help\ (me|please|now)(\ please|\ now)?)$
    | \bmatarme\b | \bme\ (quiero|voy\ a)\ matar\b | \bno\ vale\ la\ pena\ (vivir|seguir)\b
    | \bquiero\ (morir|morirme|desaparecer)\b | \bme\ quiero\ morir\b
    | \b(quitarme|acabar\ con|terminar\ con)\ (la|mi)\ vida\b | \bacabar\ con\ todo\b
    | \bno\ quiero\ (vivir|seguir|estar\ aqui|existir|despertar)
    | \bno\ (puedo|aguanto|doy|soporto)(\ ya)?\ mas\b | \bya\ no\ (puedo|aguanto)\b
    | \b(hacerme\ dano|lastimarme|cortarme)\b | \bautolesi | \bsobredosis\b
    | \b(en|estoy\ en)\ peligro\b | ^(ayudame|ayudenme|socorro|auxilio)(\ por\ favor)?$
    """,
    re.VERBOSE,
)
STOP_PHRASE = re.compile(
    r"""
    ^(please\ |pls\ )?(stop|unsubscribe|opt\ out|quit)(\ (it|this|now|all|please|me|ok|thanks))*$
    | ^(i\ )?(want|would\ like|wish)\ to\ (opt\ out|unsubscribe)\b | \bopt(ing)?\ (me\ )?out\b
    | \bstop\ (all\ )?(the\ |these\ |your\ )?(text|messag|sms|sending|contact|remind|writing)
    | \bstop\ (bother|spam)
    | \bunsubscribe\ me\b | \b(remove|delete)\ (me|my\ number|my\ phone)\b
    | \btake\ (me|my\ number|my\ phone)\ (off|out)\b
    | \b(dont|do\ not|never|quit|cease)\ (ever\ )?(text|messag|contact|writ)(e|ing)?
      (\ to)?(\ (me|us|this|here|any|again)|(\ (any)?more)?$)
    | \b(dont|do\ not|never|quit|cease)\ (ever\ )?send(ing)?\ (me\ )?(any\ )?(more\ )?
      (text|messag|sms|remind|these|this)
    | \bno\ more\ (text|messag|sms|remind) | \bleave\ me\ alone\b | \blose\ my\ number\b
    | \brevoke\ (my\ )?(consent|permission)\b
    | \b(deje|dejen|deja|paren|pare)\ (ya\ )?de\ (mandar|enviar|escribir|textear|molestar)
    | \bno\ me\ (mande|envie|escriba|textee|moleste|contacte|mandes|envies|escribas|contactes)
    | \bno\ (mande|envie|mandes|envies)n?\ (mas\ )?(mensaje|texto|recordatorio|sms)
    | \bno\ (quiero|deseo)\ (recibir\ )?(mas\ )?(mensaje|texto|recordatorio|sms)
    | \bno\ mas\ (mensaje|texto|recordatorio|sms) | ^no\ mas$ | ^ya\ basta$ | \bdarme\ de\ baja\b
    | \b(quiteme|quitenme|borreme|borrenme|saqueme|eliminen|elimine)\b
    | ^(por\ favor\ )?(alto|pare|paren|basta|deten)(\ por\ favor)?$
    """,
    re.VERBOSE,
)
NOT_A_STOP = re.compile(r"\b(dont|do not|never|no) (stop|unsubscribe|remove|delete|quit)\b")
CHANGE_PHRASE = re.compile(
    r"\b(cancel|reschedul|mov|chang|postpon|cambi|reprogram|mover|posponer|aplaz)\w*\b.*"
    r"\b(appointment|appt|visit|time|day|cita|hora|dia|visita)\b"
    r"|\b(need|want|have|like) to (cancel|reschedule|postpone)\b"
)


def plain(body: str) -> str:
    """Return `body` in lower case without accents, apostrophes, punctuation or doubled spaces."""
    decomposed = unicodedata.normalize("NFKD", body).lower()
    kept = "".join(char for char in decomposed if not unicodedata.combining(char))
    joined = re.sub(r"['’‘`´]", "", kept)
    return " ".join(re.findall(r"[^\W_]+", joined))


def meaning_of(body: str, opted_out: bool) -> Meaning:
    """Return what `body` asks for; "yes" means START from who is `opted_out`."""
    text = plain(body)
    if CRISIS.search(text):
        return Meaning.CRISIS
    return _keyword(text, opted_out) or _phrase(text)


def needs_a_person(body: str, meaning: Meaning) -> bool:
    """Tell whether a person must read `body`: all but what a program can settle by itself.

    "Cancel" stops our texts, because the provider takes it so, but may have meant the visit; a sentence
    that we take for "stop" may have meant something else.
    """
    if meaning in (Meaning.CRISIS, Meaning.CHANGE, Meaning.UNCLEAR):
        return True
    text = plain(body)
    return meaning is Meaning.STOP and (text in ABOUT_THE_VISIT or text not in STOP_WORDS)


def _keyword(text: str, opted_out: bool) -> Meaning | None:
    if text in STOP_WORDS:
        return Meaning.STOP
    if text in START_WORDS or (opted_out and text == "yes"):
        return Meaning.START
    if text in HELP_WORDS:
        return Meaning.HELP
    if text == "1" or text in YES_WORDS:
        return Meaning.CONFIRM
    return Meaning.CHANGE if text == "2" or text in CHANGE_WORDS else None


def _phrase(text: str) -> Meaning:
    if STOP_PHRASE.search(text) and not NOT_A_STOP.search(text):
        return Meaning.STOP
    return Meaning.CHANGE if CHANGE_PHRASE.search(text) else Meaning.UNCLEAR
