"""Kuzu: a pattern compares no edge with the one before, so timed reach is asked of the graph expanded by time."""
import importlib
import os

import numpy
import pyarrow
import pyarrow.parquet

from expand import Expanded

PACKAGE = "kuzu"


class Engine:
    def __init__(self, graph, folder):
        self.graph, self.folder = graph, folder
        library = importlib.import_module(PACKAGE)
        self.file = f"{folder}/graph.db"
        self.db = library.Database(self.file)
        self.connection = library.Connection(self.db)

    def run(self, query, **values):
        return self.connection.execute(query, values) if values else self.connection.execute(query)

    def copy(self, table, **columns):
        path = f"{self.folder}/copy.parquet"
        pyarrow.parquet.write_table(pyarrow.table({name: numpy.asarray(values, numpy.int64) for name, values in columns.items()}), path)
        self.run(f"COPY {table} FROM '{path}'")
        os.remove(path)

    def load(self):
        self.run("CREATE NODE TABLE Holding(id INT64 PRIMARY KEY, party INT64)")
        self.run("CREATE REL TABLE Flow(FROM Holding TO Holding, time INT64)")
        party, flow = self.graph.node["party"], self.graph.flow
        self.copy("Holding", id=numpy.arange(len(party)), party=party)
        self.copy("Flow", a=flow["source"], b=flow["target"], time=flow["time"])
        self.run("CHECKPOINT")
        self.run("CALL var_length_extend_max_depth=1000000")

    def expand(self):
        self.space = space = Expanded(self.graph)
        self.run("CREATE NODE TABLE Moment(id INT64 PRIMARY KEY, holding INT64, party INT64, time INT64)")
        self.run("CREATE REL TABLE Next(FROM Moment TO Moment)")
        self.copy("Moment", id=numpy.arange(len(space.keys)), holding=space.node, party=self.graph.node["party"][space.node], time=space.time)
        self.copy("Next", a=space.tail, b=space.head)
        self.run("CHECKPOINT")

    def disk(self):
        if os.path.isfile(self.file):
            return sum(os.path.getsize(self.file + end) for end in ("", ".wal") if os.path.exists(self.file + end))
        return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(self.file) for name in names)

    def q0(self, node):
        found = self.run(
            "MATCH (a:Holding {id: $node})-[e:Flow* SHORTEST 1..1000000]->(b:Holding) WHERE b.id <> $node RETURN count(b.id)", node=node)
        return found.get_next()[0]

    def q1(self, node, birth):
        start = self.space.start(node, birth)
        if start is None:
            return 0, 0
        found = self.run(
            "MATCH (a:Moment {id: $start})-[e:Next* SHORTEST 1..1000000]->(b:Moment) WHERE b.holding <> $node "
            "WITH b.party AS party, min(b.time) AS least RETURN count(party), sum(least)", start=start, node=node)
        parties, total = found.get_next()
        return parties, int(total or 0)

    def q2(self, node, birth, party):
        start = self.space.start(node, birth)
        if start is None:
            return False
        found = self.run(
            "MATCH (a:Moment {id: $start})-[e:Next* SHORTEST 1..1000000]->(b:Moment) "
            "WHERE b.holding <> $node AND b.party = $party RETURN count(b.id)", start=start, node=node, party=party)
        return found.get_next()[0] > 0
