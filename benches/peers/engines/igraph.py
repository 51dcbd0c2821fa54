"""igraph: plain reach on the graph, timed reach on the graph expanded by time. In memory."""
import igraph as library
import numpy

from expand import Expanded, by_party


class Engine:
    def __init__(self, graph, folder):
        self.graph = graph

    def load(self):
        flow = self.graph.flow
        edges = numpy.stack([flow["source"], flow["target"]], 1)
        self.plain = library.Graph(n=len(self.graph.node["party"]), edges=edges, directed=True)

    def expand(self):
        self.space = Expanded(self.graph)
        edges = numpy.stack([self.space.tail, self.space.head], 1)
        self.timed = library.Graph(n=len(self.space.keys), edges=edges, directed=True)

    def q0(self, node):
        return len(self.plain.subcomponent(node, mode="out")) - 1

    def reached(self, node, birth):
        start = self.space.start(node, birth)
        found = [] if start is None else self.timed.subcomponent(start, mode="out")
        return numpy.array(found, numpy.int64)

    def q1(self, node, birth):
        found = self.reached(node, birth)
        return by_party(self.graph.node["party"], self.space.node[found], self.space.time[found], node)

    def q2(self, node, birth, party):
        nodes = self.space.node[self.reached(node, birth)]
        return bool((self.graph.node["party"][nodes[nodes != node]] == party).any())
