# Python imports this when it is ready for its script, and before it opens that: here it waits for the engine's word.
# Afterwards nothing of it is to be seen: not in the environment, not in the path, and not in the modules.
import os
import sys


def _wait():
    os.write(4, b"w")
    while os.read(3, 4096)[-1:] not in (b"\n", b""):
        pass
    os.write(4, b"b")
    os.close(3)
    os.close(4)


_here = os.path.dirname(__file__)
os.environ.pop("PYTHONPATH", None)
sys.path.remove(_here)
sys.path_importer_cache.pop(_here, None)
del sys.modules[__name__]
_missing = None
try:
    import sitecustomize  # that of the system, if it has one
except ImportError as error:
    _missing = error
_wait()
if _missing:
    raise _missing  # as if there had been none; whoever imports this expects it
