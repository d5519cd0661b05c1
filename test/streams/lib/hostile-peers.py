"""Thousands of raw websocket peers in one process, well behaved or not; standard library only.

One command a line on stdin, as JSON: {"id": 1, "do": "dial", "group": "stalled", "count": 1000, ...}; one answer a line on stdout, with
the same id. peers.ts is the other side and says what each command takes. Event frames are known by the number in their event's
id, which publisher.ts gives them.
"""

import array
import base64
import heapq
import itertools
import json
import os
import random
import re
import resource
import select
import socket
import struct
import sys
import time

EVENT_NUMBER = re.compile(rb"5eed0000-0000-4000-8000-(\d{12})")
SENT_MS = re.compile(rb'"sent":(\d+)')
CURSOR = re.compile(rb'"cursor":"([^"]*)"')
DROPPED = re.compile(rb'"dropped":(\d+)')
IN, OUT, GONE = select.EPOLLIN, select.EPOLLOUT, select.EPOLLRDHUP
ENDED = select.EPOLLHUP | select.EPOLLERR
STAGES = ["connecting", "connected", "upgraded", "pinged", "authenticated", "open"]
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Timers:
    """What is to be done later; a timer of a peer that has ended does nothing."""

    def __init__(self):
        self.heap = []
        self.order = itertools.count()

    def after(self, seconds, work):
        heapq.heappush(self.heap, (time.monotonic() + seconds, next(self.order), work))

    def run_due(self):
        while self.heap and self.heap[0][0] <= time.monotonic():
            heapq.heappop(self.heap)[2]()

    def wait(self):
        return max(0.0, min(1.0, self.heap[0][0] - time.monotonic())) if self.heap else 1.0


class Group:
    def __init__(self, options):
        self.options = options
        self.peers = []
        self.latencies = array.array("d")
        self.unsettled = set()
        self.on_settled = None
        self.on_ended = None
        self.arrivals = {}


class Peer:
    """One connection: what it has sent and seen, and how it behaves from now on."""

    def __init__(self, loop, group, number):
        self.loop, self.group, self.number = loop, group, number
        self.options = group.options
        self.stage = "connecting"
        self.incoming = bytearray()
        self.outgoing = bytearray()
        self.reading, self.pongs, self.rate, self.allowance = True, True, None, 0.0
        self.mask = 0
        self.end = self.status = self.close_code = self.close_reason = None
        self.dialled = self.acted = time.monotonic()
        self.upgraded_after = self.authenticated_after = self.ended_after = None
        self.received = self.backwards = self.bytes_in = self.server_pings = 0
        self.last, self.cursor, self.dropped = -1, None, 0
        self.numbers = [] if self.options.get("record") else None
        self.notes = []
        self.pieces = bytearray()
        sock = self.socket = socket.socket()
        sock.setblocking(False)
        # Before the connect, or it has no effect on the window.
        if self.options.get("receiveBuffer"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.options["receiveBuffer"])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The port is chosen at the connect, so that each pair of addresses has all of them.
        sock.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
        sock.bind((f"127.0.0.{1 + number % self.options.get('sources', 4)}", 0))
        self.fd = sock.fileno()
        loop.by_fd[self.fd] = self
        loop.epoll.register(self.fd, OUT)
        self.mask = OUT
        error = sock.connect_ex(("127.0.0.1", self.options["port"]))
        if error not in (0, 115):
            loop.soon(lambda: self.ended(os.strerror(error)))

    def want(self):
        """Tells the kernel what this peer waits for: one that reads nothing still hears of a FIN or a reset."""
        if self.end is not None:
            return
        reads = self.reading and (self.rate is None or self.allowance > 0)
        mask = (IN if reads else 0 if self.reading else GONE) | (OUT if self.outgoing or self.stage == "connecting" else 0)
        if mask != self.mask:
            self.mask = mask
            self.loop.epoll.modify(self.fd, mask)

    def ready(self, what):
        if self.stage == "connecting" and what & (OUT | ENDED):
            error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                return self.ended(os.strerror(error))
            self.reached("connected")
            self.ask_for_upgrade()
        if what & OUT:
            self.flush()
        if what & IN and self.end is None:
            self.read()
        elif what & ENDED:
            self.ended("reset")
        elif what & GONE and not self.reading:
            self.ended("fin")
        self.want()

    def ask_for_upgrade(self):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {self.options['path']} HTTP/1.1", f"Host: 127.0.0.1:{self.options['port']}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
        if self.options.get("subprotocol", "prefect"):
            lines.append(f"Sec-WebSocket-Protocol: {self.options.get('subprotocol', 'prefect')}")
        lines += self.options.get("headers", [])
        head = "\r\n".join([*lines, "", ""]).encode()
        drip = self.options.get("drip")
        if drip:
            self.drip(head, drip["bytes"], drip["everyMs"] / 1000)
        else:
            self.send(head)

    def drip(self, rest, size, every):
        if self.end is None:
            self.send(rest[:size])
            if len(rest) > size:
                self.loop.timers.after(every, lambda: self.drip(rest[size:], size, every))

    def reached(self, stage):
        self.stage = stage
        until = self.options.get("until", "open")
        if STAGES.index(stage) >= STAGES.index(until):
            self.behave(self.options.get("then") or {})
            self.settled()

    def settled(self):
        self.group.unsettled.discard(self)
        if not self.group.unsettled and self.group.on_settled:
            work, self.group.on_settled = self.group.on_settled, None
            work()

    # What comes in.

    def read(self):
        size = 262144 if self.rate is None else max(1, int(self.allowance))
        try:
            chunk = self.socket.recv(size)
        except BlockingIOError:
            return
        except OSError:
            return self.ended("reset")
        if not chunk:
            return self.ended("fin")
        self.bytes_in += len(chunk)
        if self.rate is not None:
            self.allowance -= len(chunk)
        self.incoming += chunk
        if self.stage == "connected":
            self.take_answer()
        if self.stage not in ("connecting", "connected", "refused"):
            self.take_frames()

    def take_answer(self):
        end = self.incoming.find(b"\r\n\r\n")
        if end < 0:
            return
        self.status = int(self.incoming[9:12])
        if self.status != 101:
            self.stage = "refused"
            return
        del self.incoming[: end + 4]
        self.upgraded_after = time.monotonic() - self.dialled
        self.reached("upgraded")
        if self.options.get("until") == "upgraded":
            return
        if self.options.get("pingFirst"):
            self.frame(0x9, b"first")
        else:
            self.authenticate()

    def authenticate(self):
        if self.options.get("subprotocol", "prefect"):
            self.text(json.dumps({"type": "auth", "token": self.options.get("token")}))
        else:
            self.authenticated()

    def authenticated(self):
        self.authenticated_after = time.monotonic() - self.dialled
        self.reached("authenticated")
        if self.options.get("until") == "authenticated":
            return
        if self.options.get("first") is None:
            return self.reached("open")
        self.text(json.dumps(self.options["first"]))
        # The first message was taken when a ping behind it is answered.
        self.frame(0x9, b"taken")

    def take_frames(self):
        data, at, size = self.incoming, 0, len(self.incoming)
        while size - at >= 2 and self.end is None:
            length, start = data[at + 1] & 0x7F, at + 2
            if length == 126:
                if size - at < 4:
                    break
                length, start = struct.unpack_from(">H", data, at + 2)[0], at + 4
            elif length == 127:
                if size - at < 10:
                    break
                length, start = struct.unpack_from(">Q", data, at + 2)[0], at + 10
            if size - start < length:
                break
            self.take_frame(data[at], bytes(data[start : start + length]))
            at = start + length
        del data[:at]

    def take_frame(self, head, body):
        opcode = head & 0xF
        if opcode == 0x9:
            self.server_pings += 1
            if self.pongs:
                self.frame(0xA, body)
        elif opcode == 0xA:
            if body == b"first":
                self.reached("pinged")
                self.authenticate()
            elif body == b"taken" and self.stage == "authenticated":
                self.reached("open")
        elif opcode == 0x8:
            self.close_code = struct.unpack(">H", body[:2])[0] if len(body) >= 2 else 1005
            self.close_reason = body[2:].decode("utf-8", "replace")
            if self.options.get("answersClose", True):
                self.frame(0x8, body[:2])
        else:
            self.pieces += body
            if head & 0x80:
                text, self.pieces = bytes(self.pieces), bytearray()
                self.take_text(text)

    def take_text(self, text):
        if self.stage in ("upgraded", "pinged") and text.startswith(b'{"type":"auth_success"'):
            return self.authenticated()
        found = EVENT_NUMBER.search(text)
        if not found:
            if len(self.notes) < 50:
                self.notes.append(text[:2000].decode("utf-8", "replace"))
            return
        number = int(found[1])
        self.received += 1
        if number <= self.last:
            self.backwards += 1
        self.last = number
        now_ms = time.time() * 1000
        arrival = self.group.arrivals.get(number)
        if arrival:
            arrival[0] += 1
            arrival[2] = now_ms
        else:
            self.group.arrivals[number] = [1, now_ms, now_ms]
        sent = SENT_MS.search(text)
        if sent:
            self.group.latencies.append(now_ms - int(sent[1]))
        dropped = DROPPED.search(text, max(0, len(text) - 200))
        if dropped:
            self.dropped = int(dropped[1])
        if self.numbers is not None:
            self.numbers.append(number)
            cursor = CURSOR.search(text, max(0, len(text) - 400))
            if cursor:
                self.cursor = cursor[1].decode()

    def ended(self, how):
        if self.end is not None:
            return
        self.end = how if self.stage != "refused" else f"status {self.status}"
        self.ended_after = time.monotonic() - self.acted
        self.loop.by_fd.pop(self.fd, None)
        self.loop.epoll.unregister(self.fd)
        self.socket.close()
        self.incoming, self.outgoing = bytearray(), bytearray()
        self.settled()
        if self.group.on_ended:
            self.group.on_ended(self)

    # What goes out.

    def send(self, data):
        if self.end is None:
            self.outgoing += data
            self.flush()
            self.want()

    def flush(self):
        while self.outgoing and self.end is None and self.stage != "connecting":
            try:
                sent = self.socket.send(self.outgoing)
            except BlockingIOError:
                return
            except OSError:
                # What the server sent before it is still to be read.
                self.outgoing = bytearray()
                if not self.reading:
                    self.ended("reset")
                return
            del self.outgoing[:sent]

    def frame(self, opcode, body=b"", last=True):
        size = len(body)
        head = bytes([(0x80 if last else 0) | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += b"\xfe" + struct.pack(">H", size)
        else:
            head += b"\xff" + struct.pack(">Q", size)
        self.send(head + bytes(4) + body)

    def text(self, text):
        self.frame(0x1, text.encode())

    # How it behaves.

    def behave(self, how):
        if self.end is not None or not how:
            return
        act = how["act"]
        self.acted = time.monotonic()
        if act == "stall":
            self.reading = False
        elif act == "read":
            self.reading, self.rate = True, None
        elif act == "slow":
            self.reading, self.rate = True, how["bytesPerSecond"]
            self.allowance = 0.0
            self.refill(self.acted)
        elif act == "mute":
            self.pongs = False
        elif act == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self.ended("by us")
        elif act == "fin":
            self.ended("by us")
        elif act == "halfClose":
            self.socket.shutdown(socket.SHUT_WR)
        elif act == "closeFrame":
            self.reading = False
            self.frame(0x8)
        elif act == "goodbye":
            self.frame(0x8, struct.pack(">H", 1000))
        elif act == "pings":
            self.flood(how["perSecond"])
        elif act == "fragments":
            self.fragments(how["count"])
        else:
            raise ValueError(f"no behaviour {act}")
        self.want()

    def refill(self, since):
        if self.end is not None or self.rate is None:
            return
        now = time.monotonic()
        # At most a second's worth is saved up.
        self.allowance = min(float(self.rate), self.allowance + self.rate * (now - since))
        self.want()
        self.loop.timers.after(0.05, lambda: self.refill(now))

    def flood(self, per_second):
        if self.end is None:
            if len(self.outgoing) < 65536:
                for _ in range(max(1, per_second // 50)):
                    self.outgoing += b"\x89\x84\x00\x00\x00\x00ping"
                self.flush()
                self.want()
            self.loop.timers.after(0.02, lambda: self.flood(per_second))

    def fragments(self, count):
        self.send(b"\x01\x81\x00\x00\x00\x00x" + b"\x00\x81\x00\x00\x00\x00x" * (count - 1))


def percentiles(values):
    ordered = sorted(values)
    if not ordered:
        return {"count": 0, "p50": 0, "p99": 0, "max": 0}
    at = lambda share: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
    return {"count": len(ordered), "p50": at(0.5), "p99": at(0.99), "max": at(1)}


def milliseconds(values):
    return percentiles([value * 1000 for value in values if value is not None])


def tally(values):
    counts = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


class Loop:
    def __init__(self):
        self.epoll = select.epoll()
        self.by_fd = {}
        self.groups = {}
        self.timers = Timers()
        self.commands = bytearray()

    def soon(self, work):
        self.timers.after(0, work)

    def run(self):
        os.set_blocking(0, False)
        self.epoll.register(0, IN)
        while True:
            for fd, what in self.epoll.poll(self.timers.wait(), 4096):
                if fd == 0:
                    if not self.take_commands():
                        return
                elif fd in self.by_fd:
                    self.by_fd[fd].ready(what)
            self.timers.run_due()

    def take_commands(self):
        chunk = os.read(0, 1 << 20)
        if not chunk:
            return False
        self.commands += chunk
        *lines, rest = bytes(self.commands).split(b"\n")
        self.commands = bytearray(rest)
        for line in lines:
            command = json.loads(line)
            answer = lambda told, id=command["id"]: self.tell(id, told)
            try:
                getattr(self, f"do_{command['do']}")(command, answer)
            except Exception as error:
                self.tell(command["id"], {"error": repr(error)})
        return True

    def tell(self, id, told):
        sys.stdout.write(json.dumps({"id": id, **told}) + "\n")
        sys.stdout.flush()

    def chosen(self, command):
        peers = self.groups[command["group"]].peers
        return peers[command.get("from", 0) : command.get("to")]

    # Commands.

    def do_dial(self, command, answer):
        group = self.groups.setdefault(command["group"], Group(command))
        group.options = command
        dialled, left, at_once = [], [command["count"]], command.get("atOnce") or command["count"]
        finished = []

        def finish():
            if not finished:
                finished.append(True)
                answer(self.summary(dialled))

        def more():
            for _ in range(min(at_once, left[0])):
                left[0] -= 1
                peer = Peer(self, group, len(group.peers))
                group.peers.append(peer)
                dialled.append(peer)
                group.unsettled.add(peer)
            group.on_settled = more if left[0] else finish

        more()
        self.timers.after(command.get("seconds", 60), finish)

    def do_behave(self, command, answer):
        peers = self.chosen(command)
        spread = command.get("spreadMs", 0) / 1000
        for peer in peers:
            if spread:
                self.timers.after(random.random() * spread, lambda peer=peer: peer.behave(command["how"]))
            else:
                peer.behave(command["how"])
        answer({"count": len(peers)})

    def do_text(self, command, answer):
        peers = self.chosen(command)
        for peer in peers:
            for text in command["texts"]:
                peer.text(text)
        answer({"count": len(peers)})

    def do_bytes(self, command, answer):
        peers = self.chosen(command)
        data = base64.b64decode(command["base64"])
        for peer in peers:
            peer.send(data)
        answer({"count": len(peers)})

    def do_report(self, command, answer):
        group = self.groups[command["group"]]
        told = self.summary(self.chosen(command))
        told["latencyMs"] = percentiles(group.latencies)
        answer(told)

    def do_histories(self, command, answer):
        fields = ("numbers", "cursor", "dropped", "notes", "received", "end", "close_code", "close_reason", "server_pings")
        answer({"peers": [{field: getattr(peer, field) for field in fields} for peer in self.chosen(command)]})

    def do_arrivals(self, command, answer):
        arrivals = self.groups[command["group"]].arrivals
        answer({"arrivals": [[number, *arrival] for number, arrival in sorted(arrivals.items())]})

    def do_forget(self, command, answer):
        group = self.groups.pop(command["group"])
        group.on_ended = group.on_settled = None
        for peer in group.peers:
            peer.behave({"act": "reset"})
        answer({"count": len(group.peers)})

    def do_churn(self, command, answer):
        """Peers that come, subscribe, stay a moment and leave, each in its own way; a new one for each that is gone."""
        group = self.groups[command["group"]] = Group({**command, "then": None})
        dice = random.Random(command["seed"])
        hold = command["holdMs"] / 1000
        left, by_ending, gone, waits, living, failed, done = [command["total"]], {}, [], {}, [0], {}, []

        def dial():
            # Several may have ended in one turn, each of which asks for another.
            if not left[0]:
                return
            left[0] -= 1
            living[0] += 1
            peer = Peer(self, group, command["total"] - left[0])
            peer.ending, peer.wait = dice.choice(command["endings"]), dice.random() * hold
            group.peers.append(peer)
            watch(peer)

        def watch(peer):
            reached = peer.reached

            def then(stage):
                reached(stage)
                if stage == command.get("until", "open"):
                    self.timers.after(peer.wait, lambda: leave(peer))

            peer.reached = then

        def leave(peer):
            if peer.end is None:
                peer.left = True
                peer.behave({"act": peer.ending})
                # Behind a full window no FIN can be seen: who does not read looks again later.
                if not peer.reading and peer.end is None:
                    self.timers.after(command["lookMs"] / 1000, lambda: look(peer))

        def look(peer):
            peer.reading = True
            peer.want()

        def ended(peer):
            if getattr(peer, "left", False):
                by_ending[peer.ending] = by_ending.get(peer.ending, 0) + 1
                if peer.end != "by us":
                    waits.setdefault(peer.ending, []).append(peer.ended_after)
            else:
                why = f"{peer.stage}: {peer.end} {peer.close_code or ''}".strip()
                failed[why] = failed.get(why, 0) + 1
            gone.append(peer.received)
            living[0] -= 1
            group.peers.remove(peer)
            if left[0]:
                self.soon(dial)
            elif not living[0]:
                finish()

        def finish():
            if not done:
                done.append(True)
                times = {name: milliseconds(times) for name, times in waits.items()}
                still = tally(f"{peer.stage}, {getattr(peer, 'left', False) and peer.ending}" for peer in group.peers)
                answer({"gone": len(gone), "living": still, "endings": by_ending, "failed": failed, "received": sum(gone), "endedMs": times})

        group.on_ended = ended
        self.timers.after(command.get("seconds", 60), finish)
        for _ in range(min(command["atOnce"], command["total"])):
            dial()

    def summary(self, peers):
        ends = tally(f"{peer.end}" if peer.close_code is None else f"{peer.end} {peer.close_code} {peer.close_reason}".strip() for peer in peers if peer.end is not None)
        return {
            "count": len(peers),
            "stages": tally(peer.stage for peer in peers if peer.end is None),
            "ends": ends,
            "closes": tally(f"{peer.close_code} {peer.close_reason}".strip() for peer in peers if peer.close_code is not None),
            "received": sum(peer.received for peer in peers),
            "leastReceived": min((peer.received for peer in peers), default=0),
            "backwards": sum(peer.backwards for peer in peers),
            "bytes": sum(peer.bytes_in for peer in peers),
            "serverPings": sum(peer.server_pings for peer in peers),
            "upgradedMs": milliseconds(peer.upgraded_after for peer in peers),
            "authenticatedMs": milliseconds(peer.authenticated_after for peer in peers),
            "endedMs": milliseconds(peer.ended_after for peer in peers),
        }


hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
Loop().run()
