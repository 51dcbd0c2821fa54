"""DuckDB: recursion into a keyed table keeps the earliest arrival of each holding."""
import duckdb as library
import pyarrow

from .sql import Sql

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


class Engine(Sql):
    reach, audit = REACH, AUDIT

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
