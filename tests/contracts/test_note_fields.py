"""Every field in which staff write about a candidate says that the candidate can read it, and is watched.

Guards that a note field which somebody adds later is made by the macro `ui.note`, which carries the sentence and the
tripwire; what else is typed on the pages of hiring stands here with its reason.
"""

import re

from tests.contracts.house import texts

NOT_ABOUT_A_CANDIDATE = {
    "posting_nb": "the public text of a vacancy",
    "posting_en": "the public text of a vacancy",
    "options_nb": "a question of the form",
    "options_en": "a question of the form",
    "words_nb": "goes to the candidate as a mail",
    "words_en": "goes to the candidate as a mail",
    "message": "goes to the candidate as a mail",
    "mail_": "goes to the candidate as a mail",
    "reason": "a legal hold: it belongs to a dispute and is not in the copy (art. 15(4), 23)",
    "questions": "the questions of a kit, about nobody",
    "answer": "typed by the candidate",
    "words": "typed by the candidate",
    "questions_nb": "the questions to referees, about nobody",
    "questions_en": "the questions to referees, about nobody",
}
_AREA = re.compile(r"ui\.textarea\(\s*\"(\w+)|<textarea[^>]*name=\"(\w+)")
_NOTE = re.compile(r"ui\.note\(\"(\w+)")


def test_every_note_field_says_that_the_candidate_can_read_it() -> None:
    pages = [page for page in texts(".html", under=("templates/hiring/",))]
    strange = {
        (page.path, name)
        for page in pages
        for first, second in _AREA.findall(page.text)
        if (name := first or second) not in NOT_ABOUT_A_CANDIDATE
    }
    assert strange == set(), "made by hand: use ui.note, or say in NOT_ABOUT_A_CANDIDATE what it is"
    notes = {(page.path.rsplit("/", 1)[1], name) for page in pages for name in _NOTE.findall(page.text)}
    assert notes >= {("application.html", "note"), ("application.html", "text"), ("note.html", "note")}
    assert {("scorecards.html", "text_"), ("scorecards.html", "text")} <= notes
    assert {("referee.html", "answer_"), ("reference.html", "answer_"), ("reference.html", "why")} <= notes
    macros = next(page.text for page in texts(".html", under=("templates/macros.html",)))
    made = macros[macros.index("macro note(") :].split("{% endmacro %}")[0]
    assert '_("The candidate can read this.")' in made
    assert "tripwire=" in made
    for page in pages:
        if _NOTE.search(page.text):
            assert "ui.why(" in page.text, f"{page.path} never asks why"
