"""Answer requests with forecasts: POST rows of one or more series as JSON, get the forecast as JSON.

$ python rest_service.py model 8000
$ curl -d '[{"unique_id": "a", "ds": "2024-01-01", "y": 3}, ...]' localhost:8000
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import torch

from tsseq2seq import load
from tsseq2seq.errors import TsSeq2SeqError

torch.set_num_threads(1)  # small networks are no faster with more; requests run side by side


def service(model, port: int) -> ThreadingHTTPServer:
    """Return a server of a model's forecasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                rows = pd.DataFrame(json.loads(body))
                rows["ds"] = pd.to_datetime(rows["ds"])
                answer, status = (
                    model.predict(rows, levels=[80]).to_json(orient="records", date_format="iso"),
                    200,
                )
            except (TsSeq2SeqError, ValueError, KeyError) as error:  # what is wrong with the rows
                answer, status = json.dumps({"error": str(error)}), 422
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            """Write nothing for each request."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    folder, port = sys.argv[1:]
    service(load(folder), int(port)).serve_forever()
