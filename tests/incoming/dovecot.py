"""A throw-away IMAP server for the tests: Dovecot with a configuration of its own, one mailbox in a folder.

Guards that no standing server is touched: it listens on a free port of this machine only, lies in a temporary folder
and is ended by its process id. Started by root, it runs as another account.
"""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "rekruttering", "pæss ord"
_PROGRAMS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin:" + os.environ.get("PATH", "")
_COMMON = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_uid = {user}
mail_gid = {group}
ssl = yes
auth_failure_delay = 0
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""
_UNTIL_2_3 = """
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
disable_plaintext_auth = no
ssl_cert = <{folder}/certificate
ssl_key = <{folder}/key
mail_location = maildir:{folder}/Maildir
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
"""
_SINCE_2_4 = """
auth_allow_cleartext = yes
ssl_server_cert_file = {folder}/certificate
ssl_server_key_file = {folder}/key
mail_driver = maildir
mail_path = {folder}/Maildir
passdb passwd-file {{
  passwd_file_path = {folder}/users
  default_password_scheme = PLAIN
}}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}
  }}
}}
"""


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _certify(certificate: Path, key: Path) -> None:
    """A certificate of its own, which nobody trusts unless they are told to."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
    first, last = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)
    made = made.not_valid_before(first).not_valid_after(last).add_extension(here, critical=False)
    certificate.write_bytes(made.sign(secret, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key.write_bytes(secret.private_bytes(pem, pkcs8, plain))


class Dovecot:
    """Running from `start` to `stop`; `imap` is the setting that leads to its mailbox."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        program = shutil.which("dovecot", path=_PROGRAMS)
        assert program, "there is no dovecot here: ./dev test installs it"
        self._program = program
        self.port, self.tls_port = _free_ports()
        self.certificate = folder / "certificate"
        self._configure()

    @property
    def imap(self) -> str:
        return f"imap://{USER}@127.0.0.1:{self.port}/INBOX"

    def _configure(self) -> None:
        who = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._owner = who.pw_uid, who.pw_gid
        version = subprocess.run([self._program, "--version"], capture_output=True, text=True, check=True).stdout
        number = version.split()[0]
        new = tuple(map(int, number.split(".")[:2])) >= (2, 4)
        head = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n" if new else ""
        values = {
            "folder": self._folder, "port": self.port, "tls_port": self.tls_port, "user": who.pw_name,
            "group": grp.getgrgid(who.pw_gid).gr_name,
        }  # fmt: skip
        text = head + (_COMMON + (_SINCE_2_4 if new else _UNTIL_2_3)).format(**values)
        for name in ("run", "Maildir"):
            (self._folder / name).mkdir()
        (self._folder / "dovecot.conf").write_text(text, "utf-8")
        _certify(self.certificate, self._folder / "key")
        (self._folder / "users").write_text(f"{USER}:{PASSWORD}\n", "utf-8")
        for path in (self._folder, *self._folder.iterdir()):
            os.chown(path, *self._owner)

    def start(self) -> None:
        uid, gid = self._owner
        as_whom = {"user": uid, "group": gid, "extra_groups": []} if os.geteuid() == 0 else {}
        command = [self._program, "-F", "-c", str(self._folder / "dovecot.conf")]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **as_whom)  # type: ignore[call-overload]
        for _ in range(200):
            try:
                self.client().logout()
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.02)
            else:
                return
        raise AssertionError((self._folder / "log").read_text() if (self._folder / "log").exists() else "no log")

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(10)
            self._process = None

    def client(self) -> imaplib.IMAP4:
        """Another program's look at the mailbox."""
        imap = imaplib.IMAP4("127.0.0.1", self.port, timeout=5)
        imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return imap

    def put(self, *mails: bytes) -> None:
        """Mails arrive."""
        with self.client() as imap:
            for mail in mails:
                assert imap.append("INBOX", "", "", mail)[0] == "OK"

    def count(self) -> int:
        with self.client() as imap:
            return int(imap.select("INBOX", readonly=True)[1][0] or 0)

    def make_anew(self) -> None:
        """The folder is deleted and made anew: the same mails under another UIDVALIDITY."""
        self.stop()
        for path in (self._folder / "Maildir").glob("dovecot*"):
            path.unlink()
        self.start()
