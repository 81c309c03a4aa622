"""The PostgreSQL fixture hands out real, empty, separate databases."""

from sqlalchemy import create_engine, text

from tests.services.postgres import PostgresServer


def count_tables(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        counted = connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one()
    engine.dispose()
    return int(counted)


def make_table(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id integer)"))
    engine.dispose()


def test_each_database_is_empty_and_its_own(postgres: PostgresServer, postgres_url: str) -> None:
    other = postgres.create()
    make_table(other)
    assert (count_tables(postgres_url), count_tables(other)) == (0, 1)
    postgres.drop(other)


def test_a_template_is_prepared_once_and_copied(postgres: PostgresServer) -> None:
    prepared: list[str] = []

    def prepare(url: str) -> None:
        prepared.append(url)
        make_table(url)

    copies = [postgres.create(postgres.template("with a table", prepare)) for _ in range(2)]
    assert [count_tables(url) for url in copies] == [1, 1]
    assert len(prepared) == 1
    for url in copies:
        postgres.drop(url)
