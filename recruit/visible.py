"""The one place where a restricted application is hidden (L15, art. 18).

Guards that lists, searches, statistics, exports and mails meet only applications that nobody has restricted: whoever
reads applications writes `FROM {APPLICATIONS} a` and never names the table, and a contract test lists the few who may.
One application is opened by its id through `hiring.access.opened`, which admits the DPO alone to a restricted one.
"""

RESTRICTED = "(SELECT r.application FROM restriction r WHERE r.lifted_on IS NULL)"
"""The applications whose restriction stands: what `id IN` or `id NOT IN` is compared with."""

APPLICATIONS = f"(SELECT * FROM application WHERE id NOT IN {RESTRICTED})"
"""Stands where a statement would name the table of applications, with an alias behind it."""

RESTRICTED_PEOPLE = f"(SELECT x.candidate FROM application x WHERE x.id IN {RESTRICTED})"
"""Those of whom any application is restricted: nobody looks for them in the talent pool."""

WAITING_MAIL = (
    f"((unit IN {RESTRICTED} OR unit IN (SELECT f.id FROM referee f WHERE f.application IN {RESTRICTED}) "
    f"OR id IN (SELECT e.mail FROM enclosed e WHERE e.unit IN {RESTRICTED})) "
    "AND template NOT IN ('recipient', 'purge_notice', 'part_notice', 'purge_called_off'))"
)
"""Of the outbox: what is or encloses something about a restricted application, or goes to its referees, and waits as
long as it is restricted.

What the person has to know of an erasure leaves all the same, and so does what art. 19 demands: whoever got the data
is told that they are restricted.
"""
