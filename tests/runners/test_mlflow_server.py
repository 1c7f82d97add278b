"""A server of MLflow, faked in one endpoint: what only happens when there is one."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from interlock.adapters.mlflow import client

INFO = {"run_id": "7", "experiment_id": "1", "status": "FINISHED", "lifecycle_stage": "active"}


class Server(BaseHTTPRequestHandler):
    """Answers everything about one run."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self._say({"run_info": INFO})

    def do_GET(self) -> None:
        self._say({"run": {"info": INFO, "data": {"tags": []}}})

    def _say(self, document: object) -> None:
        content = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def test_mlflow__with_a_server_leaves_standard_output_to_the_document(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            uri = f"http://127.0.0.1:{server.server_port}"
            with client.Connection(uri, deadline_seconds=10).reaching("end a run") as mlflow:
                mlflow.set_terminated("7")
        finally:
            server.shutdown()
            thread.join()
    assert capfd.readouterr().out == ""
