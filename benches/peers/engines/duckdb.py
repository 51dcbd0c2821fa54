"""DuckDB: recursion into a keyed table keeps the earliest arrival of each holding."""
import os

import duckdb as library
import pyarrow

REACH = """
with recursive reached(node, arrival) using key (node) as (
  select ?::int, ?::int
  union
  select flow.target, min(flow.time) from reached join flow on flow.source = reached.node and flow.time >= reached.arrival
  left join recurring.reached known on known.node = flow.target
  where known.arrival is null or flow.time < known.arrival group by flow.target)"""

AUDIT = """
with recursive chosen as (select node, birth, number from field where number % ? = 0),
reached(number, node, arrival) using key (number, node) as (
  select number, node, birth from chosen
  union
  select reached.number, flow.target, min(flow.time)
  from reached join flow on flow.source = reached.node and flow.time >= reached.arrival
  left join recurring.reached known on known.number = reached.number and known.node = flow.target
  where known.arrival is null or flow.time < known.arrival group by reached.number, flow.target),
carried as (
  select reached.number, flow.time, flow.purpose, taker.party, item.category, giver.country <> taker.country as crosses
  from reached join flow on flow.source = reached.node and flow.time >= reached.arrival
  join node giver on giver.id = flow.source join node taker on taker.id = flow.target
  join chosen on chosen.number = reached.number join node item on item.id = chosen.node)
select count(distinct (number, party)) filter (not exists (
    select 1 from auth where auth.party = carried.party and auth.category = carried.category
    and auth.purpose = carried.purpose and carried.time between auth.since and auth.until)),
  count(*) filter (crosses) from carried"""


class Engine:
    def __init__(self, graph, folder):
        self.graph, self.file = graph, f"{folder}/graph.duckdb"
        self.db = library.connect(self.file)

    def load(self):
        numbered = {"node": "id", "field": "number"}
        for table in ("node", "auth", "field", "flow"):
            columns = dict(getattr(self.graph, table))
            rows = pyarrow.table(columns)  # seen by DuckDB under its name
            number = f"(row_number() over () - 1)::int as {numbered[table]}, " if table in numbered else ""
            order = " order by source, time" if table == "flow" else ""
            self.db.execute(f"create table {table} as select {number}* from rows{order}")
            del rows
        self.db.execute("checkpoint")

    def disk(self):
        return os.path.getsize(self.file)

    def one(self, query, *values):
        return self.db.execute(query, values).fetchone()

    def q0(self, node):
        return self.one(
            "with recursive seen(node) as (select ?::int union select target from seen join flow on source = seen.node) "
            "select count(*) - 1 from seen", node)[0]

    def q1(self, node, birth):
        return self.one(
            REACH + " select count(*), coalesce(sum(least), 0) from (select party, min(arrival) as least from reached "
            "join node on node.id = reached.node where reached.node <> ? group by party)", node, birth, node)

    def q2(self, node, birth, party):
        found = REACH + " select 1 from reached join node on node.id = reached.node where party = ? and reached.node <> ? limit 1"
        return self.one(found, node, birth, party, node) is not None

    def q3(self, fields):
        return self.one(AUDIT, 1000 // fields)
