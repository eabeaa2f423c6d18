"""What can go wrong that a person can mend.

UserError                     a sentence for a person, no traceback; exit status 1
├── SettingsError             a setting or argument that cannot be used
├── QuestionError             a question that is empty or too long
├── SourceError               a source that cannot be fetched, read or recognised
├── IndexUnavailable          no index, or one that was made by something else
└── EngineError               no words can be had from a model
    ├── EngineUnavailable     the engine or its model is not there
    ├── WeightsError          a model file is missing or is not the published one
    ├── PromptTooLong         the engine would drop a part of the prompt
    └── EngineInterrupted     the words stopped before their end

Anything else that is raised is a bug and crashes loudly.
"""

from __future__ import annotations


class UserError(Exception):
    """One sentence that names the value that was wrong, and the command that mends it.

    ``mend`` is a command or an action that a person can take; it is shown after the sentence.
    """

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message}\n  To mend it: {self.mend}" if self.mend else self.message


class SettingsError(UserError):
    """A setting or argument that cannot be used."""


class QuestionError(UserError):
    """A question that is empty or too long."""


class SourceError(UserError):
    """A source that cannot be fetched, read or recognised."""


class IndexUnavailable(UserError):
    """There is no index to search, or it was made by another embedder or version."""


class EngineError(UserError):
    """No words can be had from a model."""


class EngineUnavailable(EngineError):
    """The engine does not answer, or does not have the model."""


class WeightsError(EngineError):
    """A model file is missing, or its digest is not the published one."""


class PromptTooLong(EngineError):
    """The prompt does not fit the model's window, or a part of it was dropped."""


class EngineInterrupted(EngineError):
    """The stream of words broke off before its end."""
