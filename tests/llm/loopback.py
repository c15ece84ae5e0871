"""Servers on this machine that misbehave on purpose, speaking the protocols of OpenAI, Anthropic and Ollama."""

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Script:
    """What the server does with each request, and what it was asked."""

    def __init__(self, say="", *, status=200, headers=None, fault="", seconds=0.0, failures=10**9):
        self.say, self.status, self.headers, self.fault = say, status, headers or {}, fault
        self.seconds, self.failures = seconds, failures
        self.asked = []

    def answer(self, body):
        """The text to answer with: fixed, or worked out from the last question."""
        last = body["messages"][-1]["content"]
        return self.say(last) if callable(self.say) else self.say


def pieces(path, text, model):
    """The chunks of a streamed answer as each protocol writes them."""
    if path.endswith("/chat/completions"):
        base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model}
        delta = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
        done = {"index": 0, "delta": {}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 50, "completion_tokens": 10, "total_tokens": 60}
        chunks = [base | {"choices": [delta]}, base | {"choices": [done]}, base | {"choices": [], "usage": usage}]
        return [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]
    if path.endswith("/messages"):
        usage = {"input_tokens": 50, "output_tokens": 1}
        message = {"id": "1", "type": "message", "role": "assistant", "model": model, "content": [], "usage": usage}
        events = [
            {"type": "message_start", "message": message | {"stop_reason": None, "stop_sequence": None}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 10}},
            {"type": "message_stop"},
        ]
        return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
    base = {"model": model, "created_at": "2026-01-01T00:00:00Z"}
    said = base | {"message": {"role": "assistant", "content": text}, "done": False}
    counts = {"prompt_eval_count": 50, "eval_count": 10, "total_duration": 1, "done_reason": "stop"}
    done = base | {"message": {"role": "assistant", "content": ""}, "done": True} | counts
    return [json.dumps(said) + "\n", json.dumps(done) + "\n"]


class Handler(BaseHTTPRequestHandler):
    """Follows the script of its server."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._send(200, json.dumps({"models": [{"model": "tiny:latest"}]}))

    def do_POST(self):
        script = self.server.script
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script.asked.append((self.path, dict(self.headers), body))
        failing = len(script.asked) <= script.failures
        if script.status != 200 and failing:
            self._send(script.status, json.dumps({"error": {"message": "sk-secret is wrong"}}))
        else:
            self._stream(body, script.fault if failing else "")

    def _send(self, status, text):
        self._head(status, {"Content-Type": "application/json", "Content-Length": str(len(text))})
        self.wfile.write(text.encode())

    def _head(self, status, headers):
        self.send_response(status)
        for name, value in (headers | self.server.script.headers).items():
            self.send_header(name, value)
        self.end_headers()

    def _stream(self, body, fault):
        kind = "application/x-ndjson" if self.path.startswith("/api") else "text/event-stream"
        self._head(200, {"Content-Type": kind, "Transfer-Encoding": "chunked"})
        chunks = pieces(self.path, self.server.script.answer(body), body["model"])
        try:
            self._write(FAULTY.get(fault, lambda whole, _: whole)(chunks, kind), fault)
        except OSError:
            self.close_connection = True

    def _write(self, chunks, fault):
        for place, chunk in enumerate(chunks):
            if fault == "slow first token" or (fault == "drips" and place):
                time.sleep(self.server.script.seconds)
            data = chunk.encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()
            if fault == "stream cut":
                self.close_connection = True
                self.connection.close()
                return
        self.wfile.write(b"0\r\n\r\n")


FAULTY = {
    "bad json": lambda chunks, _: [chunk.replace("}", "", 1).replace('"', "", 1) for chunk in chunks],
    "wrong schema": lambda _, kind: (
        ['data: {"choices": [{"text": 5}]}\n\n'] if kind.endswith("stream") else ['{"x": 1}\n']
    ),
}


class Server(ThreadingHTTPServer):
    """One thread a request; a client that goes away is nothing to report."""

    daemon_threads = True

    def handle_error(self, *_):
        pass


@contextmanager
def server(script):
    """A server that follows the script; gives its URL."""
    httpd = Server(("127.0.0.1", 0), Handler)
    httpd.script = script
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
