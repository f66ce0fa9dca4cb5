"""The other side of start and memory: an empty Litestar app with the libraries that `recruit serve` needs.

Guards that the comparison is fair: what is imported here is what recruit imports from outside at its start, no more;
`bench.start` fails if that list has come to be wrong. One page, no database, no templates, no middleware.
"""
# ruff: noqa: F401

import sys

import aiosqlite
import apscheduler.schedulers.asyncio
import apscheduler.triggers.interval
import argon2
import cryptography.hazmat.primitives.ciphers.aead
import cryptography.x509
import filelock
import jinja2
import msgspec
import nacl.bindings
import nacl.pwhash
import nacl.secret
import obstore.store
import piccolo.columns
import piccolo.engine.sqlite
import piccolo.table
import pyotp
import python_multipart
import segno
import uvicorn
from litestar import Litestar, get


@get("/")
async def hello() -> str:
    return "hello"


if __name__ == "__main__":
    app = Litestar([hello], openapi_config=None, logging_config=None)
    config = uvicorn.Config(app, port=int(sys.argv[1]), access_log=False, log_level="warning", lifespan="on")
    uvicorn.Server(config).run()
