"""A bucket of an S3-compatible store with all that it remembers: versions, delete markers, uploads that were cut off.

Guards that "deleted" means that no version is left: in a versioned bucket a plain delete only hides an object. The
library that reads and writes objects knows no versions, so listing and deleting them is done by another one, which also
is how the independent reader looks. Blocking: call in a thread.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from recruit.errors import RecruitError

TRIES = 5
"""How often a request is made at most."""
PATIENCE = 20
"""Seconds without an answer after which it is made again."""
_UNVERSIONED = {"NotImplemented", "MethodNotAllowed", "501", "405"}
"""What servers without versions answer when they are asked for them."""


class StoreDown(RecruitError):
    """The store does not answer, or is not the one that it was."""

    status = 503
    text = "The document store can't be reached just now. Nothing was lost; please try again in a while."


@dataclass(frozen=True)
class Where:
    """`https://KEY:SECRET@host:port/bucket?region=eu-north-1`, taken apart; ValueError if it is none."""

    endpoint: str
    bucket: str
    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def of(cls, url: str) -> "Where":
        parts = urlsplit(url)
        bucket = parts.path.strip("/")
        if parts.scheme not in ("http", "https") or not parts.hostname or not bucket or "/" in bucket:
            raise ValueError("it must look like https://KEY:SECRET@host/bucket")
        if not parts.username or not parts.password:
            raise ValueError("it lacks the key and the secret: https://KEY:SECRET@host/bucket")
        host = parts.netloc.rpartition("@")[2]
        region = parse_qs(parts.query).get("region", ["us-east-1"])[0]
        return cls(f"{parts.scheme}://{host}", bucket, region, unquote(parts.username), unquote(parts.password))

    @property
    def name(self) -> str:
        """Which store it is, without the secret."""
        return f"{self.endpoint}/{self.bucket}"


@dataclass(frozen=True)
class Version:
    """One version of an object, or a delete marker; `id` is None where the store keeps no versions. Of an object only
    the `latest` version is seen by who knows of no versions, and none where it is hidden by a marker.
    """

    path: str
    id: str | None
    latest: bool


class Bucket:
    """Every call either says what there is, or raises StoreDown."""

    def __init__(self, where: Where) -> None:
        from botocore.config import Config

        self.where = where
        config = Config(
            connect_timeout=5,
            read_timeout=PATIENCE,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        with _ONE_AT_A_TIME:
            self._client = _session().create_client(
                "s3", endpoint_url=where.endpoint, region_name=where.region, config=config,
                aws_access_key_id=where.key, aws_secret_access_key=where.secret,
            )  # fmt: skip

    def versions(self, prefix: str) -> list[Version]:
        """Every version and every delete marker of what begins so."""
        with _answering() as refused:
            try:
                pages = self._pages("list_object_versions", prefix)
                return [
                    Version(each["Key"], each["VersionId"], each["IsLatest"] and kind == "Versions")
                    for page in pages
                    for kind in ("Versions", "DeleteMarkers")
                    for each in page.get(kind, ())
                ]
            except refused as error:
                if error.response["Error"]["Code"] not in _UNVERSIONED:
                    raise
            found = [each for page in self._pages("list_objects_v2", prefix) for each in page.get("Contents", ())]
            return [Version(each["Key"], None, True) for each in found]

    def uploads(self, prefix: str) -> list[tuple[str, str]]:
        """Uploads in parts that were begun and not ended."""
        with _answering():
            pages = self._pages("list_multipart_uploads", prefix)
            return [(each["Key"], each["UploadId"]) for page in pages for each in page.get("Uploads", ())]

    def begin_upload(self, path: str) -> None:
        """Begin an upload in parts that nobody will end."""
        with _answering():
            self._client.create_multipart_upload(Bucket=self.where.bucket, Key=path)

    def forget(self, prefix: str) -> int:
        """Destroy all that begins so, in every version; how many objects there were."""
        found = self.versions(prefix)
        self._destroy(found)
        with _answering():
            for path, upload in self.uploads(prefix):
                self._client.abort_multipart_upload(Bucket=self.where.bucket, Key=path, UploadId=upload)
        return len({version.path for version in found})

    def forget_each(self, paths: Iterable[str]) -> None:
        """Destroy these objects in every version, and nothing that only begins alike."""
        for path in paths:
            self._destroy(version for version in self.versions(path) if version.path == path)

    def keep_newest(self, path: str) -> None:
        """Destroy what an object was before."""
        self._destroy(version for version in self.versions(path) if version.path == path and not version.latest)

    def left(self, prefix: str) -> bool:
        return bool(self.versions(prefix) or self.uploads(prefix))

    def _destroy(self, versions: Iterable[Version]) -> None:
        with _answering():
            for version in versions:
                one = {"VersionId": version.id} if version.id else {}
                self._client.delete_object(Bucket=self.where.bucket, Key=version.path, **one)

    def _pages(self, call: str, prefix: str) -> Iterator[dict[str, Any]]:
        yield from self._client.get_paginator(call).paginate(Bucket=self.where.bucket, Prefix=prefix)


_ONE_AT_A_TIME = threading.Lock()


@cache
def _session() -> Any:
    """What the library knows of the protocol takes half a second to read; clients share that and nothing else."""
    from botocore.session import Session

    return Session()


@contextmanager
def _answering() -> Iterator[Any]:
    """StoreDown for whatever the store answers or does not; gives the kind of error that is an answer."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield ClientError
    except (BotoCoreError, ClientError) as error:
        raise StoreDown() from error
