"""The expected answers, by plain Python over dictionaries: nothing that any engine uses.

    oracle.py DIR [PROBES]     writes DIR/truth.json for the first so many probes (default: all)

Q0  how many holdings can be reached, whatever the times
Q1  which parties are reached by flows of non-decreasing times from the birth on: how many, and the sum of the earliest times
Q2  whether a certain party is (half of them are)
Q3  for fields: (field, party) pairs with a flow that carries the field to the party without a valid authorization, and how
    many flows carry a field over a border. For the probes, and on S for all thousand fields.
"""
import json
import sys

from graph import FIELDS, PROBES, Graph


def earliest(flows, begin, node, birth):
    """Earliest arrivals: flows in time order, those of one minute again and again until nothing changes."""
    source, target, time = flows
    arrival = {node: birth}
    i = begin
    while i < len(time):
        j = i
        while j < len(time) and time[j] == time[i]:
            j += 1
        changed = True
        while changed:
            changed = False
            for k in range(i, j):
                if source[k] in arrival and target[k] not in arrival:
                    arrival[target[k]] = time[i]
                    changed = j - i > 1
        i = j
    return arrival


def main(folder, count):
    graph = Graph(folder)
    party, country, category = (graph.node[name].tolist() for name in ("party", "country", "category"))
    source, target, time, purpose = (graph.flow[name].tolist() for name in ("source", "target", "time", "purpose"))
    neighbours = {}
    for a, b in zip(source, target):
        neighbours.setdefault(a, []).append(b)
    allowed = {}
    columns = (graph.auth[name].tolist() for name in ("party", "category", "purpose", "since", "until"))
    for who, what, why, since, until in zip(*columns):
        allowed.setdefault((who, what, why), []).append((since, until))

    def first_after(birth):
        low, high = 0, len(time)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if time[middle] < birth else (low, middle)
        return low

    def judge(node, birth):
        begin = first_after(birth)
        arrival = earliest((source, target, time), begin, node, birth)
        bad, crossings = set(), 0
        for k in range(begin, len(time)):
            if arrival.get(source[k], 1 << 40) <= time[k]:
                crossings += country[source[k]] != country[target[k]]
                key = (party[target[k]], category[node], purpose[k])
                if not any(since <= time[k] <= until for since, until in allowed.get(key, ())):
                    bad.add(party[target[k]])
        return arrival, len(bad), crossings

    truth = dict(q0=[], q1=[], q2=[], reached=[], q3_20=[0, 0])
    for i, (node, birth) in enumerate(graph.probes()[:count]):
        seen, edge = {node}, [node]
        while edge:
            edge = [b for a in edge for b in neighbours.get(a, ()) if not (b in seen or seen.add(b))]
        truth["q0"].append(len(seen) - 1)
        arrival, bad, crossings = judge(node, birth)
        truth["q3_20"][0] += bad
        truth["q3_20"][1] += crossings
        times = {}
        for holding, at in arrival.items():
            if holding != node:
                times[party[holding]] = min(at, times.get(party[holding], at))
        truth["q1"].append([len(times), sum(times.values())])
        truth["reached"].append(len(arrival) - 1)
        others = sorted(set(party) - set(times) - {party[node]})
        wants_yes = i % 2 == 0 or not others
        if wants_yes and times:
            truth["q2"].append([sorted(times, key=lambda p: (times[p], p))[len(times) // 2], True])
        else:
            truth["q2"].append([others[len(others) // 2], False])
    if count < PROBES:
        del truth["q3_20"]
    if len(time) <= 100_000:
        fields = zip(graph.field["node"].tolist(), graph.field["birth"].tolist())
        judged = [judge(node, birth)[1:] for node, birth in fields]
        truth["q3_1000"] = [sum(bad for bad, _ in judged), sum(crossed for _, crossed in judged)]
    json.dump(truth, open(f"{folder}/truth.json", "w"))
    print(f"{folder}: {count} probes, reached {truth['reached']}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else PROBES)
