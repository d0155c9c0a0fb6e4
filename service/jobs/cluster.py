"""The Dask cluster, behind this one module: parts go out, results come back, whatever else happens is `ClusterAway`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from service.jobs import part_task
from service.settings import Settings

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_S, FETCH_S = 5.0, 2.0


class ClusterAway(Exception):
    """The scheduler does not answer, or has forgotten what it was given."""


@contextmanager
def connect(settings: Settings) -> Iterator[Client]:
    """
    A client of the cluster, closed at the end; what it had handed out and not got back is then wanted by nobody.

    Raises
    ------
    ClusterAway
        Nobody answers, or somebody who is not trusted.
    """
    from distributed import Client
    from distributed.security import Security

    security = None
    if settings.dask.startswith("tls://"):
        security = Security(
            require_encryption=True,
            tls_ca_file=settings.dask_ca,
            tls_client_cert=settings.dask_cert,
            tls_client_key=settings.dask_key,
        )
    try:
        client = Client(settings.dask, security=security, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise ClusterAway(f"{type(error).__name__}: {error}") from error
    try:
        yield client
    finally:
        with suppress(Exception):  # a line that is broken already cannot be closed in order
            client.close(timeout=CONNECT_S)


def hand_out(client: Client, tasks: Mapping[str, part_task.PartTask]) -> dict[str, Future[str]]:
    """Parts by their hash, each as a future of the cluster."""
    # Keys are new: a key that the scheduler knows would come with what became of it.
    call = secrets.token_hex(8)
    return {
        sha256: client.submit(part_task.run, task, key=f"evenfleet-{sha256}-{call}", pure=False, retries=0)
        for sha256, task in tasks.items()
    }


def has_workers(client: Client) -> bool:
    """
    Whether anybody is there who could make something.

    Raises
    ------
    ClusterAway
        The scheduler does not answer.
    """
    try:
        return bool(client.nthreads())
    except Exception as error:
        raise ClusterAway(f"the scheduler does not answer: {type(error).__name__}") from error


def collect(client: Client, futures: dict[str, Future[str]]) -> Iterator[tuple[str, str | None]]:
    """
    Take what has ended out of `futures`: each hash with its result, or with None where the cluster cannot make it.

    Raises
    ------
    ClusterAway
        The line to the scheduler is broken.
    """
    if client.status != "running":
        raise ClusterAway(f"the line is {client.status}")
    for sha256, future in list(futures.items()):
        match future.status:
            case "pending":
                continue
            case "finished":
                result = _fetch(future)
                if result is None:
                    continue
                yield sha256, result
            case "error":
                yield sha256, None
            case other:
                raise ClusterAway(f"a part is {other}")
        del futures[sha256]


def recall(client: Client, futures: Mapping[str, Future[str]]) -> None:
    """Tell the cluster that nobody wants these any more."""
    with suppress(Exception):  # the end of the client says the same
        client.cancel(list(futures.values()), force=True)


def _fetch(future: Future[str]) -> str | None:
    """A result; None while it does not come, as when its worker has died since and another makes it again."""
    try:
        return str(future.result(timeout=FETCH_S))
    except TimeoutError:
        return None
    except Exception as error:
        raise ClusterAway(f"a result does not come: {type(error).__name__}") from error
