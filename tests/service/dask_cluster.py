"""A Dask cluster on loopback with TLS and certificates of its own: real processes, which can be killed."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.service.running import wait_for


def write_certificates(folder: Path) -> dict[str, str]:
    """One who signs, and one signed certificate for everybody; as settings."""
    folder.mkdir()
    now = datetime.datetime.now(datetime.UTC)
    signer, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cluster")])

    def certificate(name: x509.Name, key: ec.EllipticCurvePrivateKey, *, signs: bool) -> bytes:
        made = x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        made = made.add_extension(x509.BasicConstraints(ca=signs, path_length=None), critical=True)
        address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        return made.add_extension(address, False).sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    key = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "member")])
    contents = {
        "ca": certificate(issuer, signer, signs=True),
        "cert": certificate(subject, own, signs=False),
        "key": key,
    }
    for name, content in contents.items():
        (folder / f"{name}.pem").write_bytes(content)
    return {f"dask_{name}": str(folder / f"{name}.pem") for name in contents}


class DaskCluster:
    """One scheduler and any number of workers of one thread each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificates = write_certificates(folder / "certificates")
        self.workers: list[subprocess.Popen[bytes]] = []
        self._logs: list[Path] = []
        self.address = "tls://127.0.0.1:0"
        self.start_scheduler()

    @property
    def settings(self) -> dict[str, str]:
        """For who wants to use it."""
        return {"dask": self.address, **self.certificates}

    def start_scheduler(self) -> None:
        """Where the last one was, if there was one."""
        port = self.address.rpartition(":")[2]
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--protocol", "tls", "--port", port)
        log = self._logs[-1]
        found = wait_for(
            lambda: re.search(r"Scheduler at:\s+(tls://\S+)", log.read_text()), within_s=60, what="the scheduler"
        )
        self.address = found[1]

    def start_worker(self) -> None:
        """One more."""
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        self.workers.append(self._start("dask_worker", self.address, *options))

    def said(self, what: str) -> list[str]:
        """Parts of which workers said this, in the order in which they said it."""
        text = "\n".join(log.read_text(errors="replace") for log in self._logs)
        return [part for event, part in re.findall(r"(part_\w+).*?part=(\w+)", text) if event == what]

    def stop(self) -> None:
        """End what still runs."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait(30)

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        tls = [
            f"--tls-{option}={self.certificates[f'dask_{name}']}"
            for option, name in (("ca-file", "ca"), ("cert", "cert"), ("key", "key"))
        ]
        log = self.folder / f"{len(self._logs)}-{module}.log"
        self._logs.append(log)
        with log.open("wb") as output:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    f"distributed.cli.{module}",
                    *arguments,
                    "--no-dashboard",
                    "--dashboard-address",
                    "127.0.0.1:0",
                    *tls,
                ],
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1"},
            )
