"""The one tree of errors: whatever a user can cause or mend ends here, as one line that says what to do.

    AntiphonError
    |-- StyleError          a card, a corpus or a user's text is not usable
    |   `-- FetchError      a work could not be downloaded, or is not what its checksum says
    |-- VoiceError          a weight file is missing, torn, foreign or of the wrong shape
    |-- TrainingError       a run cannot start or go on
    |-- ParameterError      an unknown parameter, or a value of the wrong type or not finite
    |-- MessageError        bytes from outside that are no well-formed message
    |-- LinkError           a port that is taken, a server that does not answer
    |-- TakeError           a take that cannot be found, read or played again
    |-- SnapshotError       a performance that cannot be continued, for what was kept of it is no use
    `-- DisplayError        no window, no screen, no OpenGL

Every room may import this module; it imports nothing. No thread of its own.
"""


class AntiphonError(Exception):
    """Something a user can mend. ``str(error)`` is one line: what is wrong and what to do."""


class StyleError(AntiphonError):
    """A card, a corpus or a user's text is not usable."""


class FetchError(StyleError):
    """A work could not be downloaded, or is not what its checksum says."""


class VoiceError(AntiphonError):
    """A weight file is missing, torn, foreign or of the wrong shape."""


class TrainingError(AntiphonError):
    """A training run cannot start or go on."""


class ParameterError(AntiphonError):
    """An unknown parameter, or a value of the wrong type or not finite."""


class MessageError(AntiphonError):
    """Bytes from outside that are no well-formed message."""


class LinkError(AntiphonError):
    """A port that is taken, or a server that does not answer."""


class TakeError(AntiphonError):
    """A take that cannot be found, read or played again."""


class SnapshotError(AntiphonError):
    """A performance that cannot be continued, for what was kept of it is no use."""


class DisplayError(AntiphonError):
    """No window, no screen or no OpenGL to draw with."""
