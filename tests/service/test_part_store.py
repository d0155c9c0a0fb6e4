"""What is kept of parts of jobs, on both databases."""

from __future__ import annotations

from pathlib import Path

from service import db
from service.jobs import part_store, store
from service.settings import Settings


def test_a_part_is_kept_once_to_the_last_digit_and_goes_with_its_job(tmp_path: Path, db_url: str):
    engine = db.open_engine(Settings(data_dir=tmp_path, db_url=db_url).database_url)
    db.migrate(engine)
    exact = '{"value": 0.1000000000000000055, "gap": Infinity}'
    with db.writing(engine) as connection:
        more = {"tenant_id": "default", "kind": "siting", "name": "", "idempotency_key": None}
        store.create(connection, job_id="std_1", request_sha256="0", **more)
        assert part_store.keep(connection, "std_1", "a", attempt=1, result=exact)
    with db.writing(engine) as connection:
        assert not part_store.keep(connection, "std_1", "a", attempt=2, result="another")
        assert part_store.keep(connection, "std_1", "b", attempt=2, result="{}")
    with db.reading(engine) as connection:
        assert part_store.kept(connection, "std_1") == {"a": exact, "b": "{}"}
        assert part_store.kept(connection, "std_2") == {}
    with db.writing(engine) as connection:
        connection.execute(db.job.delete())
    with db.reading(engine) as connection:
        assert part_store.kept(connection, "std_1") == {}
    engine.dispose()
