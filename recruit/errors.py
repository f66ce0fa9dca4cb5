"""Every error that a person may meet, named for the fact.

Guards that a failure has a status and a sentence: nothing is ever reported as a bare traceback. The sentences are
English message ids; the page translates them. An error never carries personal data.
"""

from typing import ClassVar


class RecruitError(Exception):
    """The root: `status` is the HTTP status, `text` the sentence (an English message id with `{names}`)."""

    status: ClassVar[int] = 500
    text: ClassVar[str] = "Something went wrong on our side. Nothing was changed."

    def __init__(self, **params: object) -> None:
        super().__init__(self.text.format(**params) if params else self.text)
        self.params = params


class NotFound(RecruitError):
    """Also what a person gets who may not know that the thing exists."""

    status = 404
    text = "There is nothing here, or it is not yours to see."


class NotAllowed(RecruitError):
    status = 403
    text = "Your role does not allow this."


class CrossSiteRequest(RecruitError):
    """A write that did not come from one of our own pages (CSRF)."""

    status = 403
    text = "This form was sent from another site, so nothing was done. Open the page here and try again."


class TooManyAttempts(RecruitError):
    status = 429
    text = "Too many attempts. Wait a quarter of an hour and try again."


class FormInvalid(RecruitError):
    """A form with mistakes: `errors` maps field names to sentences, and the page comes back filled in."""

    status = 422
    text = "Some answers need another look."

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__()
        self.errors = errors
