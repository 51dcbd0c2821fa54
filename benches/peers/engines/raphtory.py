"""Raphtory: temporal reach is one of its algorithms. Answers leave it through Parquet: item by item costs far more."""
import os

import numpy
import pyarrow
import pyarrow.parquet
from raphtory import Graph, algorithms


class Engine:
    def __init__(self, graph, folder):
        self.graph, self.folder = graph, folder

    def load(self):
        columns = {name: pyarrow.array(self.graph.flow[name].astype(numpy.int64)) for name in ("time", "source", "target", "purpose")}
        self.db = Graph()
        self.db.load_edges(pyarrow.table(columns), time="time", src="source", dst="target", properties=["purpose"])
        self.db.save_to_file(f"{self.folder}/graph.raphtory")

    def disk(self):
        path = f"{self.folder}/graph.raphtory"
        if os.path.isfile(path):
            return os.path.getsize(path)
        return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(path) for name in names)

    def q0(self, node):
        component = algorithms.out_component(self.db.node(node))
        component.to_parquet(f"{self.folder}/component.parquet", "id")
        found = pyarrow.parquet.read_table(f"{self.folder}/component.parquet")["id"].to_numpy()
        # A start that lies on a cycle is among its own descendants here; it is not counted.
        return int((found.astype(numpy.int64) != node).sum())

    def reached(self, node, birth):
        state = algorithms.temporally_reachable_nodes(self.db, 1_000_000, birth, [node])
        state.to_parquet(f"{self.folder}/reached.parquet", "id")
        table = pyarrow.parquet.read_table(f"{self.folder}/reached.parquet").combine_chunks()
        if table.num_rows == 0:
            return numpy.zeros(0, numpy.int64), numpy.zeros(0, numpy.int64)
        history = table["reachable_nodes"].chunk(0)
        offsets = history.offsets.to_numpy()
        there = offsets[1:] > offsets[:-1]
        nodes = table["id"].to_numpy().astype(numpy.int64)[there]
        # The history of a node is in the order of time.
        return nodes, history.values.field(0).to_numpy()[offsets[:-1][there]]

    def q1(self, node, birth):
        from expand import by_party

        return by_party(self.graph.node["party"], *self.reached(node, birth), node)

    def q2(self, node, birth, party):
        nodes, _ = self.reached(node, birth)
        return bool((self.graph.node["party"][nodes[nodes != node]] == party).any())
