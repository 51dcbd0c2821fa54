"""SQLite as Python has it: the recursion's queue in the order of arrival, an index on (source, time)."""
import os
import sqlite3

REACH = """
with recursive reached(node, at) as (
  select ?, ? union
  select flow.target, flow.time from reached join flow on flow.source = reached.node and flow.time >= reached.at order by 2)"""

AUDIT = """
with recursive reached(number, node, at) as (
  select number, node, birth from field where number % ? = 0 union
  select reached.number, flow.target, flow.time from reached join flow on flow.source = reached.node and flow.time >= reached.at),
first as materialized (select number, node, min(at) as at from reached group by number, node)
select count(distinct case when not exists (
    select 1 from auth where auth.party = taker.party and auth.category = item.category and auth.purpose = flow.purpose
    and flow.time between auth.since and auth.until) then first.number * 1000000 + taker.party end),
  sum(giver.country <> taker.country)
from first join flow on flow.source = first.node and flow.time >= first.at
join node giver on giver.id = first.node join node taker on taker.id = flow.target
join field on field.number = first.number join node item on item.id = field.node"""


class Engine:
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

    def disk(self):
        return os.path.getsize(self.file)

    def one(self, query, *values):
        return self.db.execute(query, values).fetchone()

    def q0(self, node):
        return self.one(
            "with recursive seen(node) as (select ? union select target from seen join flow on source = seen.node) "
            "select count(*) - 1 from seen", node)[0]

    def q1(self, node, birth):
        return self.one(
            REACH + " select count(*), coalesce(sum(least), 0) from (select party, min(at) as least from reached "
            "join node on node.id = reached.node where reached.node <> ? group by party)", node, birth, node)

    def q2(self, node, birth, party):
        found = REACH + " select 1 from reached join node on node.id = reached.node where party = ? and reached.node <> ? limit 1"
        return self.one(found, node, birth, party, node) is not None

    def q3(self, fields):
        return self.one(AUDIT, 1000 // fields)
