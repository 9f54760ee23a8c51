"""The wire of a plugin, of docs/plugin-protocol.md: what any plugin in Python needs, whatever it contributes."""

import os
import sys
import time
import uuid
from array import array
from typing import Callable

import msgpack
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect, unix_connect

PROTOCOL = 1
CHUNK_BYTES = 1024 * 1024
WINDOW_BYTES = 16 * 1024 * 1024
MAX_FRAME_BYTES = 2 * 1024 * 1024
TYPE_CODES = {"float32": "f", "int32": "i", "uint32": "I", "uint16": "H", "uint8": "B", "int8": "b", "bit": "B"}

# method, name of the contribution, input, options, tensors by role -> value, tensors as (role, dtype, shape, array)
Handler = Callable[[str, str, dict, dict, dict], tuple]


def serve(manifest: dict, handle: Handler) -> None:
    """Calls the host that started this process, and answers until it ends the connection."""
    with _call_host() as socket:
        _Plugin(socket, manifest, handle).run()


def _call_host():
    url = os.environ["ESPALIER_PLUGIN_URL"]
    options = {
        "additional_headers": {"Authorization": "Bearer " + os.environ["ESPALIER_PLUGIN_TOKEN"]},
        "compression": None,
        "max_size": MAX_FRAME_BYTES,
        # While a call is computed nothing is read, and so no ping is answered.
        "ping_interval": None,
    }
    path = os.environ.get("ESPALIER_PLUGIN_SOCKET")
    return connect(url, **options) if path is None else unix_connect(path, url, **options)


class _Plugin:
    def __init__(self, socket, manifest: dict, handle: Handler):
        self.socket = socket
        self.manifest = manifest
        self.handle = handle
        self.sender = manifest["name"].removeprefix("@").replace("/", ":")
        self.credit = WINDOW_BYTES
        self.consumed = 0
        self.unfinished = {}
        self.calls = []

    def run(self) -> None:
        self.say("plugin.hello", {"protocols": [PROTOCOL], "software": "python " + sys.version.split()[0], **self.manifest})
        try:
            while True:
                while self.calls:
                    self.answer(*self.calls.pop(0))
                self.receive()
        except ConnectionClosed:
            return

    def receive(self) -> None:
        message = msgpack.unpackb(self.socket.recv())
        if isinstance(message, list):
            return self.receive_data(*message)
        kind, body = message["kind"], message["body"]
        if kind == "plugin.credit":
            self.credit += body["bytes"]
        elif kind == "ping":
            self.say("pong", {"re": message["id"]})
        elif kind == "plugin.leave":
            self.socket.close()
        elif kind == "refuse":
            sys.exit(body["message"])

    def receive_data(self, header: dict, chunk: bytes) -> None:
        call = header["call"]
        if header["kind"] == "plugin.call":
            self.unfinished[call] = (header, bytearray())
        first, gathered = self.unfinished[call]
        gathered += chunk
        self.consumed += len(chunk)
        if self.consumed >= WINDOW_BYTES // 2:
            self.say("plugin.credit", {"bytes": self.consumed})
            self.consumed = 0
        if len(gathered) == first["total"]:
            del self.unfinished[call]
            self.calls.append((first, gathered))

    def answer(self, header: dict, gathered: bytearray) -> None:
        call = header["call"]
        try:
            tensors = _tensors_of(header["tensors"], gathered)
            value, results = self.handle(header["method"], header["name"], header["input"], header["options"], tensors)
        except Exception as error:  # whatever it is, the call has failed and the next may not
            return self.say("plugin.error", {"call": call, "code": "PLUGIN_THREW", "message": str(error)[:2000]})
        described = [{"role": role, "dtype": dtype, "shape": shape} for role, dtype, shape, _ in results]
        content = b"".join(_padded(elements.tobytes()) for *_, elements in results)
        first = {"kind": "plugin.answer", "call": call, "value": value, "tensors": described, "total": len(content)}
        for offset in range(0, max(1, len(content)), CHUNK_BYTES):
            chunk = content[offset : offset + CHUNK_BYTES]
            while self.credit < len(chunk):
                self.receive()
            self.credit -= len(chunk)
            self.socket.send(_frame(first if offset == 0 else {"kind": "plugin.part", "call": call, "offset": offset}, chunk))

    def say(self, kind: str, body: dict) -> None:
        at = int(time.time() * 1000)
        self.socket.send(msgpack.packb({"v": 1, "kind": kind, "id": uuid.uuid4().hex, "from": self.sender, "at": at, "body": body}))


def _tensors_of(described: list, gathered: bytearray) -> dict:
    """By role. A mask is its packed bits, least significant first."""
    tensors = {}
    offset = 0
    for tensor in described:
        size = 1
        for axis in tensor["shape"]:
            size *= axis
        elements = array(TYPE_CODES[tensor["dtype"]])
        length = (size + 7) // 8 if tensor["dtype"] == "bit" else size * elements.itemsize
        elements.frombytes(gathered[offset : offset + length])
        tensors[tensor["role"]] = elements
        offset += (length + 7) // 8 * 8
    return tensors


def _frame(header: dict, chunk: bytes) -> bytes:
    """`[header, bytes]`; the header ends in zeros, so that the bytes start at a multiple of 8."""
    bare = len(msgpack.packb({**header, "pad": b""}))
    packed = msgpack.packb({**header, "pad": bytes(-(1 + bare + 5) % 8)})
    return b"\x92" + packed + b"\xc6" + len(chunk).to_bytes(4, "big") + chunk


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 8)
