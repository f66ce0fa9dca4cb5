"""What the codes of rows mean, in words for the person whom the rows are about.

Guards that no page shows a code where a person expects words; an unknown purpose or source still gets a true sentence.
All are English message ids. Pure.
"""

SOURCES = {
    "web": "You sent it yourself, through our application form",
    "finn": "From FINN.no, where you applied",
    "linkedin": "From LinkedIn",
    "email": "From an e-mail that you sent us",
    "staff": "Entered by one of our staff",
}
OTHER_SOURCE = "From somebody other than you: ask us, and we tell you from whom"
OUTCOMES = {
    "rejected": "Ended: rejected",
    "withdrawn": "Ended: withdrawn by you",
    "position_filled": "Ended: the position was filled or closed",
    "hired": "Ended: you were hired",
}
RUNNING = "The recruitment process runs"
KINDS = {"cv": "CV", "letter": "Cover letter", "certificate": "Certificate"}
OTHER_KIND = "Document"
CHANNELS = {
    "form": "with the application form",
    "mail_link": "by the link in an e-mail",
    "my_data": "on this page",
}
STATES = {
    "received": "Waits for an answer",
    "granted": "Granted",
    "partly": "Granted in part",
    "refused": "Refused",
    "identity": "Waits to learn who it is",
    "withdrawn": "Taken back",
}
REQUESTS = {
    "access": "Access",
    "portability": "Data portability",
    "rectification": "Rectification",
    "erasure": "Erasure",
    "restriction": "Restriction",
    "objection": "Objection",
    "complaint": "Complaint",
}
