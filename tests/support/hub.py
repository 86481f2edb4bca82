"""A model hub on this machine: gives one file at one commit over HTTP, and remembers what it was asked for."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hub:
    """with Hub({"org/model": {commit: config}}) as hub: ask(hub.url); hub.asked"""

    def __init__(self, configs):
        self.configs, self.asked = configs, []

    def __enter__(self):
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                hub.asked.append((self.path, self.headers.get("Authorization")))
                organisation, model, word, commit, name = self.path.strip("/").split("/")
                found = hub.configs.get(f"{organisation}/{model}", {}).get(commit)
                is_there = word == "resolve" and name == "config.json" and found is not None
                self.send_response(200 if is_there else 404)
                self.end_headers()
                self.wfile.write(json.dumps(found).encode() if is_there else b"")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
