"""rustworkx: as igraph."""
import numpy
import rustworkx as library

from expand import Expanded, by_party


def build(nodes, tail, head):
    graph = library.PyDiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from_no_data(list(zip(tail.tolist(), head.tolist())))
    return graph


class Engine:
    def __init__(self, graph, folder):
        self.graph = graph

    def load(self):
        self.plain = build(len(self.graph.node["party"]), self.graph.flow["source"], self.graph.flow["target"])

    def expand(self):
        self.space = Expanded(self.graph)
        self.timed = build(len(self.space.keys), self.space.tail, self.space.head)

    def q0(self, node):
        return len(library.descendants(self.plain, node))

    def reached(self, node, birth):
        start = self.space.start(node, birth)
        if start is None:
            return numpy.zeros(0, numpy.int64)
        found = library.descendants(self.timed, start)
        return numpy.fromiter(found | {start}, numpy.int64)

    def q1(self, node, birth):
        found = self.reached(node, birth)
        return by_party(self.graph.node["party"], self.space.node[found], self.space.time[found], node)

    def q2(self, node, birth, party):
        nodes = self.space.node[self.reached(node, birth)]
        return bool((self.graph.node["party"][nodes[nodes != node]] == party).any())
