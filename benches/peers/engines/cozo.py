"""Cozo on RocksDB: the least arrival is kept inside the recursion."""
import os

from pycozo.client import Client

REACH = """
reached[node, min(at)] := node = $node, at = $birth
reached[node, min(at)] := reached[from, since], *flow{source: from, time: at, target: node}, at >= since
"""

AUDIT = """
begun[number, node, birth] := *field{number, node, birth}, mod(number, $every) == 0
reached[number, node, min(at)] := begun[number, node, at]
reached[number, node, min(at)] := reached[number, from, since], *flow{source: from, time: at, target: node}, at >= since
carried[number, id, party, category, purpose, at, crosses] := reached[number, from, since],
    *flow{source: from, time: at, target: to, id, purpose}, at >= since, *node{id: from, country: one},
    *node{id: to, party, country: other}, begun[number, item, _], *node{id: item, category}, crosses = one != other
allowed[number, id] := carried[number, id, party, category, purpose, at, _],
    *auth{party, category, purpose, since, until}, since <= at, at <= until
bad[number, party] := carried[number, id, party, _, _, _, _], not allowed[number, id]
crossing[number, id] := carried[number, id, _, _, _, _, true]
"""


class Engine:
    def __init__(self, graph, folder):
        self.graph, self.folder = graph, f"{folder}/cozo"
        self.db = Client("rocksdb", self.folder, dataframe=False)

    def load(self):
        for relation in (
            ":create flow {source: Int, time: Int, target: Int, id: Int => purpose: Int}",
            ":create node {id: Int => party: Int, country: Int, category: Int}",
            ":create auth {party: Int, category: Int, purpose: Int, since: Int => until: Int}",
            ":create field {number: Int => node: Int, birth: Int}",
        ):
            self.db.run(relation)
        graph = self.graph
        self.put("flow", graph.flow, id=range(len(graph.flow["time"])))
        self.put("node", graph.node, id=range(len(graph.node["party"])))
        self.put("auth", graph.auth)
        self.put("field", graph.field, number=range(1000))

    def put(self, relation, columns, **more):
        names = [*columns, *more]
        values = [columns[name].tolist() for name in columns] + [list(column) for column in more.values()]
        for at in range(0, len(values[0]), 100_000):
            rows = list(zip(*(column[at : at + 100_000] for column in values)))
            self.db.import_relations({relation: {"headers": names, "rows": rows}})

    def disk(self):
        return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(self.folder) for name in names)

    def rows(self, script, **values):
        return self.db.run(script, values)["rows"]

    def q0(self, node):
        seen = "seen[node] := node = $node\nseen[node] := seen[from], *flow{source: from, target: node}\n"
        return self.rows(seen + "?[count(node)] := seen[node]", node=node)[0][0] - 1

    def q1(self, node, birth):
        parties = "least[party, min(at)] := reached[node, at], node != $node, *node{id: node, party}\n"
        found = self.rows(REACH + parties + "?[count(party), sum(at)] := least[party, at]", node=node, birth=birth)
        return (found[0][0], int(found[0][1])) if found else (0, 0)

    def q2(self, node, birth, party):
        found = "?[node] := reached[node, at], node != $node, *node{id: node, party: $party}\n:limit 1"
        return bool(self.rows(REACH + found, node=node, birth=birth, party=party))

    def q3(self, fields):
        every = 1000 // fields
        pairs = self.rows(AUDIT + "?[count(party)] := bad[number, party]", every=every)
        crossings = self.rows(AUDIT + "?[count(id)] := crossing[number, id]", every=every)
        return [pairs[0][0] if pairs else 0, crossings[0][0] if crossings else 0]
