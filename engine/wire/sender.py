"""Sends one columns frame to Lantian: python3 sender.py HOST PORT. Standard library only."""
import base64, json, os, socket, struct, sys, time

host, port = sys.argv[1], int(sys.argv[2])
s = socket.create_connection((host, port))
s.sendall(f"GET /ingest HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode())
f = s.makefile("rb")
while f.readline() != b"\r\n":
    pass

def send(opcode, data):  # one WebSocket frame, masked as clients must
    n = len(data)
    head = bytes([0x80 | opcode]) + (bytes([0x80 | n]) if n < 126 else b"\xfe" + struct.pack(">H", n))
    s.sendall(head + b"\0\0\0\0" + data)  # an all-zero mask leaves the data as it is

def receive():
    n = f.read(2)[1] & 0x7F
    return json.loads(f.read(struct.unpack(">H", f.read(2))[0] if n == 126 else n))

# MessagePack, as much of it as is needed
def text(t): return bytes([0xD9, len(t.encode())]) + t.encode()
def column(fmt, values): b = struct.pack(f"<{len(values)}{fmt}", *values); return b"\xc5" + struct.pack(">H", len(b)) + b
def mapping(pairs): return bytes([0x80 | len(pairs)]) + b"".join(text(k) + v for k, v in pairs)

sources = ["HS-001", "HS-002"]
now = float(sys.argv[3]) if len(sys.argv) > 3 else time.time() * 1000
frame = mapping([
    ("v", b"\x01"), ("kind", text("air")), ("seq", b"\x00"),
    ("sources", bytes([0x90 | len(sources)]) + b"".join(map(text, sources))),
    ("source", column("H", [0, 1])), ("time", column("d", [now, now])),
    ("values", mapping([("pm25", column("f", [88.1, float("nan")])), ("co", column("f", [1.2, 0.9]))])),
])
send(1, json.dumps({"type": "hello", "feed": "python"}).encode())
print(receive())
send(2, frame)
print(receive())
