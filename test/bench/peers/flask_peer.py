# Flask and psycopg2's pool behind gunicorn: what the shop's first server was made of. No login, no log, no envelope.
import json
import os
import re

from flask import Flask, Response
from psycopg2.pool import ThreadedConnectionPool

app = Flask(__name__)
pool = ThreadedConnectionPool(5, 20, os.environ["DATABASE_URL"])


def rows(text, values):
    connection = pool.getconn()
    try:
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            return cursor.fetchall()
    finally:
        connection.rollback()
        pool.putconn(connection)


@app.get("/health")
def health():
    rows("select 1", None)
    return {"ok": True}


def route(name, statement):
    text = re.sub(r"\$(\d+)", r"%(p\1)s", statement["text"].replace("%", "%%"))
    columns = statement["columns"]

    def answer(id):
        values = {f"p{at + 1}": value for at, value in enumerate(statement["values"][id])}
        items = (
            "{" + ",".join(f'"{column}":{value}' for column, value in zip(columns, row)) + "}"
            for row in rows(text, values)
        )
        return Response("[" + ",".join(items) + "]", mimetype="application/json")

    app.add_url_rule(f"/{name}/<id>", name, answer)


for name, statement in json.loads(os.environ["STATEMENTS"]).items():
    route(name, statement)
