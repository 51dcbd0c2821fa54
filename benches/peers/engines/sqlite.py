"""SQLite as Python has it: the recursion's queue in the order of arrival, an index on (source, time)."""
import sqlite3

from .sql import Sql

REACH = """
with recursive reached(node, arrival) as (
  select ?, ? union
  select flow.target, flow.time from reached join flow on flow.source = reached.node and flow.time >= reached.arrival order by 2)"""

AUDIT = """
with recursive reached(number, node, arrival) as (
  select number, node, birth from field where number % ? = 0 union
  select reached.number, flow.target, flow.time from reached join flow on flow.source = reached.node and flow.time >= reached.arrival),
first as materialized (select number, node, min(arrival) as arrival from reached group by number, node)
select count(distinct case when not exists (
    select 1 from auth where auth.party = taker.party and auth.category = item.category and auth.purpose = flow.purpose
    and flow.time between auth.since and auth.until) then first.number * 1000000 + taker.party end),
  sum(giver.country <> taker.country)
from first join flow on flow.source = first.node and flow.time >= first.arrival
join node giver on giver.id = first.node join node taker on taker.id = flow.target
join field on field.number = first.number join node item on item.id = field.node"""


class Engine(Sql):
    reach, audit = REACH, AUDIT

    def __init__(self, graph, folder):
        self.graph, self.file = graph, f"{folder}/graph.sqlite"
        self.db = sqlite3.connect(self.file, isolation_level=None)
        for pragma in ("journal_mode = wal", "synchronous = normal", "cache_size = -524288", "mmap_size = 4000000000"):
            self.db.execute(f"pragma {pragma}")

    def load(self):
        self.db.executescript("""
            create table node(id integer primary key, party int, country int, category int);
            create table flow(source int, time int, target int, purpose int, id int, primary key(source, time, id)) without rowid;
            create table auth(party int, category int, purpose int, since int, until int,
                primary key(party, category, purpose, since)) without rowid;
            create table field(number integer primary key, node int, birth int);""")
        graph = self.graph
        rows = {
            "node": (range(len(graph.node["party"])), *(graph.node[name].tolist() for name in ("party", "country", "category"))),
            "auth": tuple(graph.auth[name].tolist() for name in ("party", "category", "purpose", "since", "until")),
            "field": (range(1000), graph.field["node"].tolist(), graph.field["birth"].tolist()),
        }
        import numpy

        order = numpy.lexsort((graph.flow["time"], graph.flow["source"]))
        flows = (graph.flow[name][order].tolist() for name in ("source", "time", "target", "purpose"))
        rows["flow"] = (*flows, order.tolist())
        self.db.execute("begin")
        for table, columns in rows.items():
            marks = ", ".join("?" * len(columns))
            self.db.executemany(f"insert or ignore into {table} values ({marks})", zip(*columns))
        self.db.execute("commit")
        self.db.execute("pragma wal_checkpoint(truncate)")
