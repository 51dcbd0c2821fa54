"""Time made into space, for engines that have none: a vertex for each (holding, minute of a flow there), an edge to the
next minute of the same holding, an edge for each flow. Plain reach there is timed reach here."""
import numpy as np


class Expanded:
    def __init__(self, graph):
        source, target, time = (graph.flow[name].astype(np.int64) for name in ("source", "target", "time"))
        self.keys = np.unique(np.concatenate([source << 24 | time, target << 24 | time]))
        self.node, self.time = self.keys >> 24, self.keys & 0xFFFFFF
        wait = np.flatnonzero(self.node[1:] == self.node[:-1])
        self.tail = np.concatenate([np.searchsorted(self.keys, source << 24 | time), wait])
        self.head = np.concatenate([np.searchsorted(self.keys, target << 24 | time), wait + 1])

    def start(self, node, birth):
        """The first vertex of a holding from a minute on; `None` if nothing happens there any more."""
        at = int(np.searchsorted(self.keys, node << 24 | birth))
        return at if at < len(self.keys) and self.node[at] == node else None


def by_party(party, nodes, times, start):
    """How many parties are among the holdings, and the sum of their earliest times."""
    others = nodes != start
    which, times = party[nodes[others]], times[others]
    if len(which) == 0:
        return 0, 0
    order = np.lexsort((times, which))
    which, times = which[order], times[order]
    first = np.r_[True, which[1:] != which[:-1]]
    return int(first.sum()), int(times[first].sum())
