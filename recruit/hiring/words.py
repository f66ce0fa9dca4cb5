"""What is said of two profiles that are alike: by which sign, and what was decided. English message ids. Pure.

Guards that a decision is said to do no more than it does.
"""

SIGNS: dict[str, str] = {
    "phone": "The same telephone number",
    "document": "The same file as CV",
    "born": "The same name and year of birth",
    "address": "The same name and beginning of the e-mail address",
    "vacancy": "The same name, for the same vacancy",
    "proved": "The candidate has shown that both addresses are theirs",
}
DECIDED: dict[str, str] = {
    "same": "Noted: the same person. Their applications name each other; nothing else is joined.",
    "apart": "Noted: two people. You are not asked again.",
    "again": "Taken back. It waits for a decision again.",
}
UNDECIDED = "Choose whether they are the same person."
