"""What an expert writes by hand for exactly these questions: compiled loops over flat arrays."""
import numpy as np
from numba import njit

NEVER = np.int32(2**31 - 1)


@njit(cache=True)
def adjacency(source, nodes):
    begin = np.zeros(nodes + 1, np.int64)
    for a in source:
        begin[a + 1] += 1
    begin = np.cumsum(begin)
    place = begin[:-1].copy()
    flows = np.empty(len(source), np.int32)
    for k in range(len(source)):
        flows[place[source[k]]] = k
        place[source[k]] += 1
    return begin, flows


@njit(cache=True)
def plain(begin, target, node, seen, queue, mark):
    queue[0], seen[node] = node, mark
    done, end = 0, 1
    while done < end:
        a = queue[done]
        done += 1
        for k in range(begin[a], begin[a + 1]):
            b = target[k]
            if seen[b] != mark:
                seen[b] = mark
                queue[end] = b
                end += 1
    return end - 1


@njit(cache=True)
def push(heap, size, key):
    at = size
    while at > 0 and heap[(at - 1) // 2] > key:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = key
    return size + 1


@njit(cache=True)
def pop(heap, size):
    least, key = heap[0], heap[size - 1]
    size -= 1
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = key
    return least, size


@njit(cache=True)
def by_heap(begin, target, time, node, birth, arrival, touched, heap, party, wanted):
    """Earliest arrivals, the earliest first. Stops at the wanted party. How many were touched; the holding that hit."""
    arrival[node], touched[0], count = birth, node, 1
    size = push(heap, 0, (np.int64(birth) << 32) | node)
    while size > 0:
        key, size = pop(heap, size)
        at, a = np.int32(key >> 32), np.int32(key & 0xFFFFFFFF)
        if at > arrival[a]:
            continue
        if wanted >= 0 and a != node and party[a] == wanted:
            return count, a
        low, high = begin[a], begin[a + 1]
        while low < high:
            middle = (low + high) >> 1
            if time[middle] < at:
                low = middle + 1
            else:
                high = middle
        for k in range(low, begin[a + 1]):
            b = target[k]
            if time[k] < arrival[b]:
                if arrival[b] == NEVER:
                    touched[count] = b
                    count += 1
                arrival[b] = time[k]
                size = push(heap, size, (np.int64(time[k]) << 32) | b)
    return count, -1


@njit(cache=True)
def by_sweep(source, target, time, node, birth, arrival):
    """Earliest arrivals in one pass over the log."""
    arrival[node] = birth
    i = np.searchsorted(time, birth)
    while i < len(time):
        now, j = time[i], i + 1
        while j < len(time) and time[j] == now:
            j += 1
        again = True
        while again:
            again = False
            for k in range(i, j):
                if arrival[source[k]] <= now and arrival[target[k]] > now:
                    arrival[target[k]] = now
                    again = j - i > 1
        i = j


@njit(cache=True)
def sum_by_party(arrival, touched, count, party, node, least):
    parties, total = 0, np.int64(0)
    for i in range(count):
        a = touched[i]
        if a == node:
            continue
        p = party[a]
        if least[p] == NEVER:
            parties += 1
            total += arrival[a]
            least[p] = arrival[a]
        elif arrival[a] < least[p]:
            total -= least[p] - arrival[a]
            least[p] = arrival[a]
    for i in range(count):
        least[party[touched[i]]] = NEVER
    return parties, total


@njit(cache=True)
def audit(source, target, time, purpose, country, party, births, at_node, word, bit, of_category, begin, category, since, until, parties, nodes, words):
    """All fields in one pass, a bit each. Only flows that carry anything look at permissions."""
    held = np.zeros((nodes, words), np.uint64)
    bad = np.zeros((parties, words), np.uint64)
    holds = np.zeros(nodes, np.uint8)
    crossings, born = 0, 0
    i = np.searchsorted(time, births[0])
    while i < len(time):
        now, j = time[i], i + 1
        while j < len(time) and time[j] == now:
            j += 1
        while born < len(births) and births[born] <= now:
            held[at_node[born], word[born]] |= bit[born]
            holds[at_node[born]] = 1
            born += 1
        again = j - i > 1
        while again:
            again = False
            for k in range(i, j):
                if holds[source[k]]:
                    for w in range(words):
                        new = held[source[k], w] & ~held[target[k], w]
                        if new:
                            held[target[k], w] |= new
                            holds[target[k]] = 1
                            again = True
        for k in range(i, j):
            a, b = source[k], target[k]
            if not holds[a]:
                continue
            holds[b] = 1
            forbidden = 0xFFF
            key = party[b] * 20 + purpose[k]
            for x in range(begin[key], begin[key + 1]):
                if since[x] <= now and now <= until[x]:
                    forbidden &= ~(1 << category[x])
            crosses = country[a] != country[b]
            for w in range(words):
                carried = held[a, w]
                if carried:
                    held[b, w] |= carried
                    if crosses:
                        left = carried
                        while left:
                            crossings += 1
                            left &= left - np.uint64(1)
                    if forbidden:
                        for c in range(12):
                            if (forbidden >> c) & 1:
                                bad[party[b], w] |= carried & of_category[c, w]
        i = j
    pairs = 0
    for p in range(parties):
        for w in range(words):
            left = bad[p, w]
            while left:
                pairs += 1
                left &= left - np.uint64(1)
    return pairs, crossings


class Engine:
    """Arrays in memory. Small reach by a heap, large reach by one pass: the better of the two is its figure."""

    def __init__(self, graph, folder):
        self.graph = graph

    def load(self):
        flow, self.party = self.graph.flow, self.graph.node["party"]
        self.nodes = len(self.party)
        self.begin, order = adjacency(flow["source"], self.nodes)
        self.target, self.time = flow["target"][order], flow["time"][order]
        self.arrival = np.full(self.nodes, NEVER, np.int32)
        self.least = np.full(self.graph.facts["parties"], NEVER, np.int64)
        self.touched = np.empty(self.nodes + 1, np.int32)
        self.heap = np.empty(len(self.time) + 1, np.int64)
        self.seen, self.queue, self.mark = np.zeros(self.nodes, np.int32), np.empty(self.nodes + 1, np.int32), 0

    def warm_up(self):
        self.q0(0), self.q1(0, 0), self.sweep(0, 0), self.q2(0, 0, 1), self.q3(20)

    def q0(self, node):
        self.mark += 1
        return int(plain(self.begin, self.target, node, self.seen, self.queue, self.mark))

    def search(self, node, birth, wanted):
        return by_heap(self.begin, self.target, self.time, node, birth, self.arrival, self.touched, self.heap, self.party, wanted)

    def q1(self, node, birth):
        count, _ = self.search(node, birth, -1)
        parties, total = sum_by_party(self.arrival, self.touched, count, self.party, node, self.least)
        self.arrival[self.touched[:count]] = NEVER
        return int(parties), int(total)

    def sweep(self, node, birth):
        flow, arrival = self.graph.flow, np.full(self.nodes, NEVER, np.int32)
        by_sweep(flow["source"], flow["target"], flow["time"], node, birth, arrival)
        touched = np.flatnonzero(arrival < NEVER).astype(np.int32)
        parties, total = sum_by_party(arrival, touched, len(touched), self.party, node, self.least)
        return int(parties), int(total)

    def q2(self, node, birth, party):
        count, hit = self.search(node, birth, party)
        self.arrival[self.touched[:count]] = NEVER
        return hit >= 0

    def q3(self, fields):
        every = 1000 // fields
        node, birth = self.graph.field["node"][::every], self.graph.field["birth"][::every]
        words = (len(node) + 63) // 64
        number = np.argsort(birth, kind="stable")
        word, bit = number // 64, np.uint64(1) << (number % 64).astype(np.uint64)
        of_category = np.zeros((12, words), np.uint64)
        for i, c in enumerate(self.graph.node["category"][node]):
            of_category[c, i // 64] |= np.uint64(1) << np.uint64(i % 64)
        auth, parties = self.graph.auth, self.graph.facts["parties"]
        key = auth["party"].astype(np.int64) * 20 + auth["purpose"]
        order = np.argsort(key, kind="stable")
        begin = np.searchsorted(key[order], np.arange(parties * 20 + 1))
        flow, nodes = self.graph.flow, self.graph.node
        found = audit(
            flow["source"], flow["target"], flow["time"], flow["purpose"], nodes["country"], nodes["party"],
            birth[number], node[number], word, bit, of_category, begin,
            auth["category"][order], auth["since"][order], auth["until"][order], parties, self.nodes, words,
        )
        return [int(x) for x in found]
