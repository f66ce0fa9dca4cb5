"""Whatever a page says by a code of the rules has its sentence, in both languages."""

from recruit.i18n import known
from recruit.rights import case_pages, forms, recording_pages, rules, words


def test_every_sentence_of_the_words_is_translated() -> None:
    named = [value for name, value in vars(words).items() if name.isupper() and isinstance(value, dict)]
    tables = [table for table in named if table is not words.CODES] + list(words.CODES.values())
    assert len(tables) > 8
    said = [text for table in (*tables, forms.MARRED, case_pages._TOLD) for text in table.values()]
    said += [recording_pages._RECORDED, recording_pages._NO_ADDRESS]
    assert [text for text in said if not known(text)] == []


def test_every_kind_state_channel_and_reason_has_words() -> None:
    for table in (words.REQUESTS, words.RIGHTS, words.ARTICLES, rules.GROUNDS):
        assert set(table) == set(rules.KINDS)
    assert set(words.STATES) == set(rules.MOVES)
    assert set(words.CAME_BY) == set(rules.CHANNELS)
    assert set(words.RESTRICTING) == set(rules.RESTRICTING)
    assert set(words.GROUNDS) == {code for codes in rules.GROUNDS.values() for code in codes}
