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


class NotSetUp(RecruitError):
    """Nobody has said yet who the employer is; every page leads to the first-run page."""

    status = 503
    text = "This installation has not been set up yet."


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


class MoveNotAllowed(RecruitError):
    """The table of moves has no such move, or the process has ended."""

    status = 409
    text = "An application cannot be moved from that step to this one."


class CloseIsFinal(RecruitError):
    """A close can be undone only within the answer window (L4)."""

    status = 409
    text = "The answer window is over, so the close can no longer be undone."


class ScreeningTooEarly(RecruitError):
    """Screening is recorded only once the application is successful so far (L9)."""

    status = 409
    text = "References and other screening can be recorded only for finalists. Mark as finalist first."


class EarlierSalaryNotCollected(RecruitError):
    """The retention policy leaves earlier salary out, as it does by default (L9)."""

    status = 409
    text = "Earlier salary is not collected here: the retention policy leaves it out."


class OutcomeWithoutDecider(RecruitError):
    """A final outcome names the person who decided (L13)."""

    status = 422
    text = "Name the person who decided. The program decides nothing by itself."
