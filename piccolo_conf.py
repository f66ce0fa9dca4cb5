"""What Piccolo's own command line works on: the records database of this installation.

Guards that the tool sees the same file as the app: its place comes from the one settings object.
"""

from piccolo.conf.apps import AppRegistry

from recruit import database, settings

DB = database.engine_at(settings.read().data / "records.db")
APP_REGISTRY = AppRegistry(apps=[])
