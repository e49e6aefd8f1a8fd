"""
Every error that topicgpu raises on purpose.

    TopicGPUError
    ├── ConfigError (ValueError)        a key, a value or a combination in the configuration
    ├── CorpusError (ValueError)        a file or a line of the corpus: path:line
    ├── InputError (ValueError)         what is handed to an estimator's method
    ├── ShapeError (ValueError)         an array of the wrong shape or size
    ├── DTypeError (TypeError)          an array of the wrong type
    ├── MisalignedError (ValueError)    two arrays whose rows are not the same segments
    ├── DeviceError (RuntimeError)      a device that was asked for and can't be used
    │   └── TextTooLargeError           one text that does not fit into a device's memory even alone
    ├── ModelError (RuntimeError)       an encoder that is missing, damaged or of an unknown kind
    ├── NumericalError (ArithmeticError) a result that is not finite
    ├── RunFolderError (RuntimeError)   a run folder that is missing, busy, damaged or another run's
    ├── CacheError (RuntimeError)       a vector cache that can't be written or read
    └── MissingExtraError (ImportError) an optional package that is not installed

Each message is one sentence: what, the value, the limit, the fix.
"""


class TopicGPUError(Exception):
    """Base of every error that topicgpu raises on purpose."""


class ConfigError(TopicGPUError, ValueError):
    """A key, a value or a combination in the configuration is impossible."""


class CorpusError(TopicGPUError, ValueError):
    """A file or a line of the corpus can't be used; the message begins with the path."""


class InputError(TopicGPUError, ValueError):
    """What is handed to a method of the estimator can't be used."""


class ShapeError(TopicGPUError, ValueError):
    """An array has the wrong shape or size."""


class DTypeError(TopicGPUError, TypeError):
    """An array has the wrong type."""


class MisalignedError(TopicGPUError, ValueError):
    """Two arrays do not describe the same segments in the same order."""


class DeviceError(TopicGPUError, RuntimeError):
    """A device was asked for that can't be used."""


class TextTooLargeError(DeviceError):
    """
    One text does not fit into a device's memory even alone.

    Parameters
    ----------
    text : str
        Which; `embed` names its segment.
    problem : str
        The device and the text's size.
    """

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(text, problem)
        self.text = text

    def __str__(self) -> str:
        return f"{self.args[1]}; set embedding.max_tokens lower, or take a device with more memory."


class ModelError(TopicGPUError, RuntimeError):
    """An encoder is missing, damaged or of an unknown kind."""


class NumericalError(TopicGPUError, ArithmeticError):
    """A result at the border of a stage is not finite."""


class RunFolderError(TopicGPUError, RuntimeError):
    """A run folder is missing, busy, damaged or belongs to another run."""


class CacheError(TopicGPUError, RuntimeError):
    """The vector cache can't be written or read."""


class MissingExtraError(TopicGPUError, ImportError):
    """An optional package is needed and not installed."""
