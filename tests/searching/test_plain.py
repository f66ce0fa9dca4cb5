"""Claims about words: what is typed is cut as what is kept is."""

import sqlite3

import pytest

from recruit.searching.plain import expression, plain, table, text_of


def test_a_query_asks_for_each_word_once_and_for_a_number_as_one() -> None:
    assert expression("Åse  åse NORD") == '"ase"* AND "nord"*'
    assert expression("+47 (900) 00-001") == '"4790000001"*'
    assert expression("...") == ""


@pytest.mark.parametrize("word", ["ola_nord", "_", "１２", "ꞵeta", "𞤀", "ⓐ", "ॐ", "naïve", "ΑΘΗΝΑ", "x" * 5000])
def test_a_word_stays_one_word_where_it_is_looked_up(word: str) -> None:
    memory = sqlite3.connect(":memory:")
    memory.execute(table("words"))
    memory.execute("INSERT INTO words (text) VALUES (?)", (text_of(plain(f"først {word} sist")),))
    for query in (word, f"først {word}"):
        assert memory.execute("SELECT count(*) FROM words WHERE words MATCH ?", (expression(query),)).fetchone() == (1,)
