"""The application and its document, which each process makes once: they take two seconds."""

from editorial.app import app_without_database
from editorial.web.openapi import document

APP = app_without_database()
"""Nothing is connected to it."""
DOCUMENT = document(APP)
"""Read it, and change only copies of it."""
