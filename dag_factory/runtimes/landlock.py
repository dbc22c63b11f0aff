"""The kernel's Landlock: a process gives up access for good, for itself and all that it starts.

It needs no privilege. Names and numbers are those of ``linux/landlock.h``, and what they mean is
said in the kernel's Documentation/userspace-api/landlock.rst. A right that a kernel does not know
yet is left out, as that document advises: `LANDLOCK_ACCESS_FS_SINCE` says which version of the
interface brought it. System calls have these numbers on all architectures but Alpha.

The supervisor of a job loads this before each start, so it imports little.
"""

import ctypes
import errno
import os
import stat

_SYS_LANDLOCK_CREATE_RULESET = 444
_SYS_LANDLOCK_ADD_RULE = 445
_SYS_LANDLOCK_RESTRICT_SELF = 446
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h

LANDLOCK_CREATE_RULESET_VERSION = 1 << 0
LANDLOCK_RULE_PATH_BENEATH = 1

LANDLOCK_ACCESS_FS_EXECUTE = 1 << 0
LANDLOCK_ACCESS_FS_WRITE_FILE = 1 << 1
LANDLOCK_ACCESS_FS_READ_FILE = 1 << 2
LANDLOCK_ACCESS_FS_READ_DIR = 1 << 3
LANDLOCK_ACCESS_FS_REMOVE_DIR = 1 << 4
LANDLOCK_ACCESS_FS_REMOVE_FILE = 1 << 5
LANDLOCK_ACCESS_FS_MAKE_CHAR = 1 << 6
LANDLOCK_ACCESS_FS_MAKE_DIR = 1 << 7
LANDLOCK_ACCESS_FS_MAKE_REG = 1 << 8
LANDLOCK_ACCESS_FS_MAKE_SOCK = 1 << 9
LANDLOCK_ACCESS_FS_MAKE_FIFO = 1 << 10
LANDLOCK_ACCESS_FS_MAKE_BLOCK = 1 << 11
LANDLOCK_ACCESS_FS_MAKE_SYM = 1 << 12
LANDLOCK_ACCESS_FS_REFER = 1 << 13
LANDLOCK_ACCESS_FS_TRUNCATE = 1 << 14
LANDLOCK_ACCESS_FS_IOCTL_DEV = 1 << 15
LANDLOCK_ACCESS_FS_RESOLVE_UNIX = 1 << 16

LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0
LANDLOCK_SCOPE_SIGNAL = 1 << 1
SCOPES_SINCE = 6

LANDLOCK_ACCESS_FS_SINCE = (
    (1, (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1),
    (2, LANDLOCK_ACCESS_FS_REFER),
    (3, LANDLOCK_ACCESS_FS_TRUNCATE),
    (5, LANDLOCK_ACCESS_FS_IOCTL_DEV),
    (9, LANDLOCK_ACCESS_FS_RESOLVE_UNIX),
)
"""Which rights each version of the interface brought."""

READ = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR
WRITE = (
    READ
    | LANDLOCK_ACCESS_FS_WRITE_FILE
    | LANDLOCK_ACCESS_FS_REMOVE_DIR
    | LANDLOCK_ACCESS_FS_REMOVE_FILE
    | LANDLOCK_ACCESS_FS_MAKE_DIR
    | LANDLOCK_ACCESS_FS_MAKE_REG
    | LANDLOCK_ACCESS_FS_MAKE_SOCK
    | LANDLOCK_ACCESS_FS_MAKE_FIFO
    | LANDLOCK_ACCESS_FS_MAKE_SYM
    | LANDLOCK_ACCESS_FS_REFER
    | LANDLOCK_ACCESS_FS_TRUNCATE
    | LANDLOCK_ACCESS_FS_IOCTL_DEV
    | LANDLOCK_ACCESS_FS_RESOLVE_UNIX
)
"""All but making devices: who is root could make one of the disk, and read everything."""
_OF_A_FILE = (
    LANDLOCK_ACCESS_FS_EXECUTE
    | LANDLOCK_ACCESS_FS_WRITE_FILE
    | LANDLOCK_ACCESS_FS_READ_FILE
    | LANDLOCK_ACCESS_FS_TRUNCATE
    | LANDLOCK_ACCESS_FS_IOCTL_DEV
)


class RulesetAttr(ctypes.Structure):
    """``struct landlock_ruleset_attr``."""

    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class PathBeneathAttr(ctypes.Structure):
    """``struct landlock_path_beneath_attr``."""

    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def abi() -> int:
    """Return the version of Landlock's interface that the running kernel has.

    Raises
    ------
    OSError
        Raised with ``ENOSYS`` if the kernel was built without it, with ``EOPNOTSUPP`` if it was
        not switched on when the host started.
    """
    return _call(_libc(), _SYS_LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_CREATE_RULESET_VERSION)


def handled_access_fs(version: int) -> int:
    """Return the rights that a version of the interface knows: all of them are given up."""
    rights = 0
    for since, brought in LANDLOCK_ACCESS_FS_SINCE:
        if since <= version:
            rights |= brought
    return rights


def restrict(readable: "list[bytes]", writable: "list[bytes]") -> None:
    """Let this process, and all that it starts, reach only what is below some paths.

    Signals and abstract sockets reach nobody outside, and no process outside can be looked into,
    where the kernel knows how. What may not be reached by permission, or is not there, is left
    out. The process must have one thread.

    Parameters
    ----------
    readable
        Files and directories to read and execute.
    writable
        Those to write, too.

    Raises
    ------
    OSError
        Raised if the kernel refuses; then the process may do what it could before.
    """
    libc = _libc()
    version = abi()
    rights = handled_access_fs(version)
    ruleset = _created(libc, rights, version)
    try:
        for allowed, paths in ((READ, readable), (WRITE, writable)):
            for path in paths:
                _allow(libc, ruleset, path, allowed & rights)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise _error()
        _call(libc, _SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _created(libc: ctypes.CDLL, rights: int, version: int) -> int:
    """Return a ruleset that handles as much as the kernel can; it has no rule yet."""
    if version < SCOPES_SINCE:
        return _create(libc, rights, 0)
    # Kernels of Red Hat 9 say that they are of version 6, and do not know all of its scopes.
    for scoped in (
        LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL,
        LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET,
    ):
        try:
            return _create(libc, rights, scoped)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    return _create(libc, rights, 0)


def _create(libc: ctypes.CDLL, rights: int, scoped: int) -> int:
    attr = RulesetAttr(handled_access_fs=rights, scoped=scoped)
    # Older kernels know only the first member, and want the others to be 0.
    size = ctypes.sizeof(attr)
    return _call(libc, _SYS_LANDLOCK_CREATE_RULESET, ctypes.byref(attr), size, 0)


def _allow(libc: ctypes.CDLL, ruleset: int, path: bytes, allowed: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # the process could not use it anyway
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            allowed &= _OF_A_FILE
        attr = PathBeneathAttr(allowed_access=allowed, parent_fd=descriptor)
        rule = (ruleset, LANDLOCK_RULE_PATH_BENEATH, ctypes.byref(attr), 0)
        _call(libc, _SYS_LANDLOCK_ADD_RULE, *rule)
    finally:
        os.close(descriptor)


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _call(libc: ctypes.CDLL, *arguments: object) -> int:
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result: int = libc.syscall(*words)
    if result < 0:
        raise _error()
    return result


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"Landlock: {os.strerror(number)}")
