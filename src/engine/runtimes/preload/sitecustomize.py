# Preload hook of Python, which imports the module of this name before it opens its script. The hook waits for the engine's
# message and then removes its traces: from the environment, from the module search path, and from the loaded modules.
import os
import sys


def _wait_for_program():
    os.write(4, b"w")  # the interpreter is loaded
    while os.read(3, 4096)[-1:] not in (b"\n", b""):
        pass
    os.write(4, b"b")  # the program starts
    os.close(3)
    os.close(4)


_here = os.path.dirname(__file__)
os.environ.pop("PYTHONPATH", None)
sys.path.remove(_here)
sys.path_importer_cache.pop(_here, None)
del sys.modules[__name__]
_missing = None
try:
    import sitecustomize  # the system's own module of this name, if there is one
except ImportError as error:
    _missing = error
_wait_for_program()
if _missing:
    raise _missing  # Python expects this error if there is no such module
