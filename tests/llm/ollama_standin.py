"""Speaks Ollama's protocol and is not Ollama: a stand-in in front of a llama.cpp server, for machines without a daemon.

Answers and token counts are the model's own. Listing, chat with and without streaming, JSON schemas and the 404 of an
unknown model are there; pulling models is not.
"""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

VERSION = "0.0.0-standin"
CREATED = "2026-01-01T00:00:00Z"


class Bridge(BaseHTTPRequestHandler):
    """One request, translated to OpenAI's protocol and back."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        model = {"name": f"{self.server.model}:latest", "model": f"{self.server.model}:latest", "size": 1}
        known = {"/api/tags": {"models": [model]}, "/api/version": {"version": VERSION}}
        self._json(200 if self.path in known else 404, known.get(self.path, {"error": "not found"}))

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/api/chat":
            self._json(501, {"error": "the stand-in does not do that"})
        elif body["model"].removesuffix(":latest") != self.server.model:
            self._json(404, {"error": f"model '{body['model']}' not found"})
        else:
            self._chat(body)

    def _chat(self, body):
        reply = httpx.post(f"{self.server.upstream}/v1/chat/completions", json=self._asked(body), timeout=120).json()
        base = {"model": body["model"], "created_at": CREATED}
        text = reply["choices"][0]["message"]["content"]
        counts = {
            "done": True,
            "done_reason": reply["choices"][0]["finish_reason"],
            "prompt_eval_count": reply["usage"]["prompt_tokens"],
            "eval_count": reply["usage"]["completion_tokens"],
        }
        if not body.get("stream", True):
            self._json(200, base | counts | {"message": {"role": "assistant", "content": text}})
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        words = text.split(" ")
        parts = [word if place == 0 else f" {word}" for place, word in enumerate(words)]
        lines = [base | {"message": {"role": "assistant", "content": part}, "done": False} for part in parts]
        for line in [*lines, base | counts | {"message": {"role": "assistant", "content": ""}}]:
            data = json.dumps(line).encode() + b"\n"
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _asked(self, body):
        options = body.get("options", {})
        asked = {"model": self.server.model, "messages": body["messages"], "seed": options.get("seed", 0)}
        asked |= {"max_tokens": options.get("num_predict", 64), "temperature": options.get("temperature", 0)}
        if isinstance(body.get("format"), dict):
            schema = {"name": "f", "schema": body["format"]}
            asked["response_format"] = {"type": "json_schema", "json_schema": schema}
        return asked

    def _json(self, status, content):
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def standin(upstream, model):
    """The stand-in in front of this llama.cpp server; gives its URL."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Bridge)
    httpd.daemon_threads = True
    httpd.upstream, httpd.model = upstream, model
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
