"""How the databases of older versions come to what they are now: one numbered step for each release that changed them.

Guards that an upgrade never asks for more than a restart, and that no step is changed once it was released. A new
installation is made as `tables` says and never runs a step; so each step leads to the very tables that `tables` made at
its release (docs/decisions/2026-11-24-numbered-steps.md says how to add one).
"""

from recruit import tables
from recruit.database import Schema, Step

RECORDS_STEPS: tuple[Step, ...] = ()
KEYRING_STEPS: tuple[Step, ...] = ()

RECORDS = Schema(tables.RECORDS, tables.RECORDS_TRIGGERS, RECORDS_STEPS, tables.RECORDS_INDEXES)
KEYRING = Schema(tables.KEYRING, tables.KEYRING_TRIGGERS, KEYRING_STEPS, tables.KEYRING_INDEXES)
