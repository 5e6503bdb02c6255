"""What Piccolo imports to find the engine and the apps."""

from piccolo.conf.apps import AppRegistry

from service.kernel.db import ENGINE as DB

APP_REGISTRY = AppRegistry(apps=["service.piccolo_app"])

__all__ = ["APP_REGISTRY", "DB"]
