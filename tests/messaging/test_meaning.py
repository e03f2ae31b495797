"""What people text back, in their own words."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.messaging.reply_meanings import (
    STOP_WORDS,
    classify_reply,
    is_spanish,
    needs_human_review,
    normalize,
)
from booking.messaging.rules import ReplyMeaning

SAID = {
    ReplyMeaning.CONFIRM: ["1", " 1. ", "1️⃣", "Yes", "Sí", "si.", "CONFIRM", "confirmo"],
    ReplyMeaning.CHANGE: [
        "I cant take this time",
        "Can you take me at 3 instead?",
        "2",
        "2!",
        "reschedule",
        "Cancel my appointment please",
        "I need to cancel",
        "can we move it to another day?",
        "Necesito cambiar la cita",
        "i cant go on thursday",
        "I cannot do this day",
    ],
    ReplyMeaning.STOP: [
        "STOP",
        "Stop!",
        "stopall",
        "unsubscribe",
        "Cancel",
        "END",
        "quit",
        "REVOKE",
        "OptOut",
        "opt-out",
        "please opt me out",
        "Stop texting me",
        "please stop",
        "stop it",
        "don’t text me again",
        "Do not contact me",
        "no more texts!!",
        "take me off your list",
        "Remove my number",
        "leave me alone",
        "please don't text me anymore",
        "do not text",
        "don't send me any more messages",
        "no envíen más mensajes",
        "I revoke my consent",
        "ALTO",
        "Baja",
        "No me manden más mensajes",
        "dejen de escribirme",
        "ya no quiero recibir mensajes",
        "Quítenme de la lista",
        "no más",
        "Fin",
        "SALIR",
        "Desuscribirme",
        "cancelar mensajes",
        "cancelar suscripción",
        "Deténganse por favor",
        "Quiero dar de baja este número",
        "no más textos",
        "no molestar",
    ],
    ReplyMeaning.START: ["START", "unstop", "Comenzar", "Reanudar"],
    ReplyMeaning.HELP: ["HELP", "help?", "Info", "AYUDA", "¿Información?"],
    ReplyMeaning.CRISIS: [
        "I can’t go on",
        "I want to die",
        "wanna die",
        "Stop. I'm going to kill myself",
        "stop texting me, I'm suicidal",
        "end my life",
        "END IT",
        "help me",
        "please help",
        "I don't want to be here anymore",
        "I might hurt myself",
        "988",
        "I dont wanna live anymore",
        "gonna kms",
        "I want to be dead",
        "life isn't worth living",
        "I took all my pills",
        "I'm not safe",
        "I'm going to shoot myself",
        "going to jump off a bridge",
        "Me quiero matar",
        "me voy a matar",
        "no vale la pena vivir",
        "me quiero morir",
        "No puedo más",
        "ya no aguanto",
        "Quiero quitarme la vida",
        "no quiero vivir",
        "ayúdame por favor",
    ],
    ReplyMeaning.UNCLEAR: [
        "",
        "11",
        "12",
        "thanks",
        "who is this",
        "wrong number",
        "I can't stop crying",
        "please don't stop texting",
        "running 10 late",
        "My husband will take me home",
        "I don't text well, please call me",
        "please dont send the nurse",
        "do not remind me twice, once is fine",
        "no envie la factura",
        "🙂",
    ],
}
EXAMPLES = [(body, meaning) for meaning, bodies in SAID.items() for body in bodies]


@pytest.mark.parametrize(("body", "meaning"), EXAMPLES)
def test_a_text_means_what_a_reader_would_take_it_for(body: str, meaning: ReplyMeaning) -> None:
    assert classify_reply(body, opted_out=False) is meaning


@pytest.mark.parametrize("apostrophe", "'’‘‛`´ʼ′＇")
def test_an_apostrophe_of_any_kind_hides_no_crisis(apostrophe: str) -> None:
    for body in ("i od'd", "I can't go on", "I'm bleeding out", "she doesn't want to live"):
        typed = body.replace("'", apostrophe)
        assert classify_reply(typed, opted_out=False) is ReplyMeaning.CRISIS


@pytest.mark.parametrize("between", [" ", ".", "-", "_", ". ", "\u200b", "\u00ad"])
def test_a_word_spaced_out_is_read(between: str) -> None:
    assert classify_reply(between.join("suicide"), opted_out=False) is ReplyMeaning.CRISIS
    assert classify_reply(between.join("STOP"), opted_out=False) is ReplyMeaning.STOP


@pytest.mark.parametrize(
    "body", ["I can come at 9 a.m.", "9 A M I think", "m s", "7 p m i will come"]
)
def test_initials_and_hours_are_no_word_spaced_out(body: str) -> None:
    assert classify_reply(body, opted_out=False) not in (ReplyMeaning.CRISIS, ReplyMeaning.STOP)


def test_a_bare_number_in_words_is_that_number() -> None:
    for body, meaning in (
        ("one", ReplyMeaning.CONFIRM),
        ("Uno", ReplyMeaning.CONFIRM),
        ("Two.", ReplyMeaning.CHANGE),
        ("dos", ReplyMeaning.CHANGE),
        ("that one", ReplyMeaning.UNCLEAR),
    ):
        assert classify_reply(body, opted_out=False) is meaning


def test_help_with_a_please_is_read_by_a_person_as_it_may_be_a_cry() -> None:
    for body in ("help please", "ayuda por favor"):
        assert classify_reply(body, opted_out=False) is ReplyMeaning.HELP
        assert needs_human_review(body, ReplyMeaning.HELP)


def test_the_longest_text_is_read_at_once() -> None:
    for words in ("i want to take my pills with my mom ", "took just like about ", "a "):
        started = process_time()
        classify_reply((words * 1600)[:1600], opted_out=False)
        assert process_time() - started < 1  # a tenth of it and less, on a machine that is free


def test_yes_after_a_stop_means_start() -> None:
    assert classify_reply("Yes", opted_out=True) is ReplyMeaning.START
    assert classify_reply("Yes", opted_out=False) is ReplyMeaning.CONFIRM


@given(st.sampled_from(sorted(STOP_WORDS)), st.sampled_from(["", " ", "!", ".", " \n"]))
def test_a_stop_word_alone_stops_however_it_is_written(word: str, ending: str) -> None:
    for written in (word, word.upper(), word.title()):
        assert classify_reply(written + ending, opted_out=False) is ReplyMeaning.STOP


@given(st.text())
def test_any_text_means_something_and_reads_the_same_twice(body: str) -> None:
    assert classify_reply(body, opted_out=False) in ReplyMeaning
    assert normalize(normalize(body)) == normalize(body)


def test_a_person_reads_what_a_program_cannot_settle() -> None:
    for body in (
        "I can't go on",
        "2",
        "wrong number",
        "Cancel",
        "stop, I want to change to Friday",
    ):
        assert needs_human_review(body, classify_reply(body, opted_out=False))
    for body in ("1", "STOP", "STOP. Thank you", "STOP STOP", "Basta ya", "START", "HELP"):
        assert not needs_human_review(body, classify_reply(body, opted_out=False))


@pytest.mark.parametrize(
    ("body", "is_so"),
    [
        ("AYUDA", True),
        ("Sí", True),
        ("mañana no puedo ir", True),
        ("MORIR", True),
        ("si", False),
        ("having si thoughts", False),
        ("no", False),
        ("1", False),
        ("", False),
        ("do me a favor and call", False),
        ("I live at the café in Palo Alto", False),
    ],
)
def test_spanish_is_told_where_it_is_sure(body: str, is_so: bool) -> None:
    assert is_spanish(body) is is_so
