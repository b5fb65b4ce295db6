"""The forms of the library asked before a visit, for the judges of what is answered."""

from tests.features.intake.conftest import forms

__all__ = ["forms"]
