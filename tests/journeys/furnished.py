"""An installation past its first run, for the shorter journeys: made by the same functions as the pages use."""

from uuid import UUID

from recruit import clock
from recruit.accounts.service import FirstRun, first_run
from recruit.i18n import Language
from recruit.retention.rules import Policy
from tests import factories
from tests.conftest import EMPLOYER
from tests.journeys.installation import Installation
from tests.journeys.people import PASSWORD

KARI = "kari@fjordlys.example"


def employer_with_kari(installation: Installation, lang: Language = "nb") -> UUID:
    """The employer, and Kari with every role that the first account has; her account."""
    given = FirstRun(employer=EMPLOYER, policy=Policy(), name="Kari Nord", email=KARI, password=PASSWORD, language=lang)
    return installation.do(first_run(installation.site, given, clock.now()))


def open_vacancy(installation: Installation) -> UUID:
    return installation.do(factories.vacancy(installation.site, clock.now()))
