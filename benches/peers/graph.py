"""The graphs of the comparison: holdings, flows between them with their time, authorizations, sensitive fields.

    graph.py SIZE DIR     SIZE: S (100,000 flows), M (a million), L (ten million)

A holding is an item at a party; a party has a country. Holdings of a party, and parties of a country, have neighbouring
numbers. Most flows stay inside a party and go a few holdings further, a quarter go to another party of the country,
two in a hundred abroad; a few holdings of each party take and give far more than the rest. Times are minutes over ten
years, so some are equal. One seed for each size: the same numbers on every machine with the same numpy.

Every column is a file of little-endian 32-bit numbers, `<table>.<column>.u32`, which all engines read.
"""
import json
import os
import sys

import numpy as np

SIZES = {"S": (10_000, 100_000), "M": (100_000, 1_000_000), "L": (1_000_000, 10_000_000)}
MINUTES = 10 * 365 * 24 * 60
COUNTRIES, CATEGORIES, PURPOSES, FIELDS, PROBES = 30, 12, 20, 1000, 20


def zipf(count, power, rng=None):
    """Shares that fall with the rank; in random order when there is a generator."""
    ranks = np.arange(1, count + 1) if rng is None else 1 + rng.permutation(count)
    share = 1.0 / ranks**power
    return share / share.sum()


def draw(rng, shares, count):
    return np.minimum(np.searchsorted(np.cumsum(shares), rng.random(count)), len(shares) - 1)


def generate(size):
    holdings, flows = SIZES[size]
    rng = np.random.default_rng(holdings)
    parties = holdings // 100
    party_country = np.sort(draw(rng, zipf(COUNTRIES, 1.1), parties))
    party = np.sort(draw(rng, zipf(parties, 0.9, rng), holdings))
    first = np.searchsorted(party, np.arange(parties + 1))
    country = party_country[party]
    border = np.searchsorted(country, np.arange(COUNTRIES + 1))
    category = rng.integers(0, CATEGORIES, holdings // 20)[rng.integers(0, holdings // 20, holdings)]

    def head_of(parties, skew):
        """A holding of each of these parties, mostly one of the first."""
        length = first[parties + 1] - first[parties]
        return first[parties] + (length * rng.random(len(parties)) ** skew).astype(np.int64)

    source = rng.integers(0, holdings, flows)
    busy = rng.random(flows) < 0.4
    source[busy] = head_of(party[source[busy]], 4)
    where = rng.random(flows)
    near = rng.random(flows) < 0.7
    low = first[party[source]]
    length = np.maximum(first[party[source] + 1] - low, 1)
    step = 1 + (40 * rng.random(flows) ** 2).astype(np.int64)
    target = np.where(near, low + (source - low + step) % length, head_of(party[source], 3))
    inland = (where >= 0.72) & (where < 0.98)
    low, high = border[country[source[inland]]], border[country[source[inland]] + 1]
    target[inland] = head_of(party[low + ((high - low) * rng.random(inland.sum())).astype(np.int64)], 4)
    abroad = where >= 0.98
    low, high = border[country[source[abroad]]], border[country[source[abroad]] + 1]
    other = (high + ((holdings - (high - low)) * rng.random(abroad.sum())).astype(np.int64)) % holdings
    target[abroad] = head_of(party[other], 4)
    loops = source == target
    target[loops] = (target[loops] + 1) % holdings
    time = rng.integers(0, MINUTES, flows)
    usual = rng.integers(0, PURPOSES, (parties, 4))
    purpose = usual[party[target], rng.integers(0, 4, flows)]
    odd = rng.random(flows) < 0.005
    purpose[odd] = rng.integers(0, PURPOSES, odd.sum())
    order = np.lexsort((target, source, time))

    # Each party may do what it usually does with each category; a few permissions lack, some begin late or end early.
    who = np.repeat(np.arange(parties), 4 * CATEGORIES)
    what = np.tile(np.repeat(np.arange(CATEGORIES), 4), parties)
    why = usual[who, np.tile(np.arange(4), parties * CATEGORIES)]
    since, until = np.zeros(len(who), np.int64), np.full(len(who), MINUTES)
    short = rng.random(len(who)) < 0.08
    since[short] = rng.integers(0, MINUTES // 3, short.sum())
    until[short] = rng.integers(MINUTES // 2, MINUTES, short.sum())
    kept = rng.random(len(who)) < 0.97

    sensitive = np.sort(rng.choice(np.unique(source), FIELDS, replace=False))
    birth = rng.integers(int(0.4 * MINUTES), int(0.9 * MINUTES), FIELDS)
    return {
        "node": dict(party=party, country=country, category=category),
        "flow": dict(source=source[order], target=target[order], time=time[order], purpose=purpose[order]),
        "auth": dict(party=who[kept], category=what[kept], purpose=why[kept], since=since[kept], until=until[kept]),
        "field": dict(node=sensitive, birth=birth),
    }


def write(size, folder):
    os.makedirs(folder, exist_ok=True)
    tables = generate(size)
    for table, columns in tables.items():
        for column, values in columns.items():
            values.astype("<u4").tofile(f"{folder}/{table}.{column}.u32")
    node, flow = tables["node"], tables["flow"]
    facts = dict(
        size=size,
        nodes=len(node["party"]),
        flows=len(flow["time"]),
        parties=int(node["party"].max()) + 1,
        abroad=round(float((node["country"][flow["source"]] != node["country"][flow["target"]]).mean()), 4),
        most_out=int(np.bincount(flow["source"]).max()),
        most_in=int(np.bincount(flow["target"]).max()),
    )
    with open(f"{folder}/graph.json", "w") as file:
        json.dump(facts, file)
    return facts


class Graph:
    """The columns of a folder, as numpy arrays: `graph.flow["time"]`, …"""

    def __init__(self, folder):
        self.folder = folder
        self.facts = json.load(open(f"{folder}/graph.json"))
        for table in ("node", "flow", "auth", "field"):
            columns = {}
            for name in sorted(os.listdir(folder)):
                if name.startswith(table + "."):
                    columns[name.split(".")[1]] = np.fromfile(f"{folder}/{name}", "<u4").astype(np.int32)
            setattr(self, table, columns)

    def probes(self):
        """Twenty sensitive fields, evenly spread: (holding, birth)."""
        step = FIELDS // PROBES
        return [(int(self.field["node"][i]), int(self.field["birth"][i])) for i in range(0, FIELDS, step)]


if __name__ == "__main__":
    print(json.dumps(write(sys.argv[1], sys.argv[2])))
