"""The words of the access log: in which role somebody looked, and what for.

Guards that "my data" and the desk say the same of a look. All are English message ids. Pure.
"""

ROLES = {
    "recruiter": "Recruiter",
    "hiring_manager": "Hiring manager",
    "interviewer": "Interviewer",
    "dpo": "Responsible for privacy",
    "admin": "Administrator",
    "guest": "Guest from outside",
}
OTHER_ROLE = "Staff"
PURPOSES = {
    "case": "Handling of a rights request",
    "decide": "Decision on the application",
    "find": "Search for whom a request came from",
    "hold": "Review of a legal hold",
    "restriction": "Review of a restriction",
    "document": "Reading of a document",
    "download": "Download of a document",
    "pool": "Search in the talent pool",
    "recipients": "Who got the data",
    "enquiry": "Answer to an enquiry",
    "incoming": "An e-mail that came in",
    "interview": "Preparation of an interview",
    "list": "Overview of the applications for a vacancy",
    "print": "Printing for those who interview",
    "review": "Assessment of the application",
    "screening": "Information before employment",
    "hand_over": "Hand-over to the personnel file",
    "section31": "Facts about the person hired",
}
OTHER_PURPOSE = "Handling of the application"
