"""An S3-compatible server for the tests (moto's), in a thread of its own, that can be told to misbehave.

Guards that faults are those of a real line: what is answered late was done, what is refused was not.
"""

import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from uuid import uuid4

from botocore.config import Config
from botocore.session import Session

Environ = dict[str, Any]


class Server:
    """`fault` is asked before every request: "" for an honest answer, "500", "409", "403", "late" (done, then no
    answer) or "deaf" (to If-None-Match).
    """

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        self._app = DomainDispatcherApplication(create_backend_app)
        self._served = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.endpoint = f"http://127.0.0.1:{self._served.port}"
        self.fault: Callable[[str, str], str] = lambda method, path: ""
        self.seen: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self._served.serve_forever, daemon=True)
        self._thread.start()

    def _answer(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.seen.append((method, path))
        fault = self.fault(method, path)
        if fault in _SAID:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            said = _SAID[fault]
            start(f"{fault} {said}", [("content-type", "application/xml")])
            return [f"<Error><Code>{said}</Code><Message>-</Message></Error>".encode()]
        if fault == "deaf":
            environ.pop("HTTP_IF_NONE_MATCH", None)
        answer = self._app(environ, start)
        if fault == "late":
            answer = list(answer)
            time.sleep(LATE)
        return answer

    @cache  # noqa: B019
    def client(self) -> Any:
        """Another program's look at the server."""
        return Session().create_client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id="key",
            aws_secret_access_key="secret", config=Config(s3={"addressing_style": "path"}),
        )  # fmt: skip

    def bucket(self, versioned: bool = True) -> str:
        """The URL of a new bucket."""
        name = f"b-{uuid4()}"
        self.client().create_bucket(Bucket=name)
        if versioned:
            self.client().put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return f"{self.endpoint.replace('//', '//key:secret@')}/{name}"

    def stop(self) -> None:
        self._served.shutdown()
        self._thread.join()


_SAID = {"500": "InternalError", "409": "OperationAborted", "403": "AccessDenied"}
LATE = 1.5
"""Longer than a test lets its stores wait."""
