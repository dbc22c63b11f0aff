"""The capabilities of a process, the parts of root's power, as ``linux/capability.h`` has them.

Landlock does not keep the owner of ``CAP_SYS_ADMIN`` or ``CAP_PERFMON`` from looking into other
processes, nor that of ``CAP_SYS_MODULE`` from changing the kernel. The supervisor of a job loads
this before each start, so it imports little.
"""

import ctypes
import os

_LINUX_CAPABILITY_VERSION_3 = 0x20080522

CAP_CHOWN = 1 << 0
CAP_DAC_OVERRIDE = 1 << 1
CAP_FOWNER = 1 << 3
CAP_FSETID = 1 << 4
CAP_KILL = 1 << 5
CAP_SETGID = 1 << 6
CAP_SETUID = 1 << 7
CAP_NET_BIND_SERVICE = 1 << 10

HARMLESS = (
    CAP_CHOWN
    | CAP_DAC_OVERRIDE
    | CAP_FOWNER
    | CAP_FSETID
    | CAP_KILL
    | CAP_SETGID
    | CAP_SETUID
    | CAP_NET_BIND_SERVICE
)
"""What root may keep for files and users, where Landlock says which files; containers do, too."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def keep_only(kept: int) -> None:
    """Give up all capabilities of this process but some of the first 32.

    They come back with a program that is started, unless ``PR_SET_NO_NEW_PRIVS`` is set.

    Raises
    ------
    OSError
        Raised if the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    header = _Header(_LINUX_CAPABILITY_VERSION_3, 0)
    data = (_Data * 2)()  # the first 32 capabilities, and the others
    _check(libc.capget(ctypes.byref(header), data))
    permitted = data[0].permitted & kept
    data[0] = _Data(permitted, permitted, 0)
    data[1] = _Data(0, 0, 0)
    _check(libc.capset(ctypes.byref(header), data))


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"capabilities: {os.strerror(number)}")
