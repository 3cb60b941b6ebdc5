"""Counts what this process does to the world, by Python's audit events, and kills it at one of them.

FAULTS_TRACE is the file that gets a line for each step. FAULTS_STEP is the number of the step before which the process
is killed, FAULTS_HOW `alone`, or `all`: then everything that it started goes first.
"""

import os
import signal
import sys

_TRACE = os.environ.pop("FAULTS_TRACE", None)
_STEP = int(os.environ.pop("FAULTS_STEP", "-1"))
_HOW = os.environ.pop("FAULTS_HOW", "alone")
_PLAIN = {
    *("subprocess.Popen", "os.posix_spawn", "os.kill", "os.killpg", "socket.connect"),
    *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.truncate", "shutil.rmtree", "tempfile.mkdtemp"),
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_state = {"steps": 0, "busy": False}


def _children(pid: int) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found.append(int(name))
    return found


def _kill_below(pid: int) -> None:
    for child in _children(pid):
        os.kill(child, signal.SIGSTOP)  # so that it starts nothing more
        _kill_below(child)
        os.kill(child, signal.SIGKILL)


def _is_step(event: str, args: tuple) -> bool:
    if event == "open":
        return isinstance(args[0], str) and bool((args[2] or 0) & _WRITES) and "__pycache__" not in args[0]
    return event in _PLAIN and "__pycache__" not in str(args[:1])


def _told(event: str, args: tuple) -> str:
    if event == "subprocess.Popen":
        words = [str(word) for word in args[1]]
        verbs = [w for w in words[1:] if not w.startswith("-") and "=" not in w]
        return f"{event} git {verbs[0] if verbs else '?'}"
    return event


def _hook(event: str, args: tuple) -> None:
    if _state["busy"] or not _is_step(event, args):
        return
    _state["busy"] = True
    try:
        step = _state["steps"]
        _state["steps"] = step + 1
        with open(str(_TRACE), "a") as file:
            file.write(f"{_told(event, args)}\n")
        if step == _STEP:
            if _HOW == "all":
                _kill_below(os.getpid())
            os.kill(os.getpid(), signal.SIGKILL)
    finally:
        _state["busy"] = False


if _TRACE and "gatekeeper" in os.path.basename(sys.argv[0] if hasattr(sys, "argv") and sys.argv else "gatekeeper"):
    sys.addaudithook(_hook)
