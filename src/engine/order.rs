//! The order of rows inside one moment, settled once when the columns are built.
//!
//! Under ANY a row that takes from a node comes after the rows that bring to it, so that one pass carries as far as
//! any order does. Nodes that reach each other inside the moment form a **knot**: all of them end up with what any of
//! them held; the rows inside a knot stand together and are run as one. Where rows of one moment do not pass on to
//! each other (STRICT, one act), the order is the reverse, and knots make the whole moment a **tangle**, which is
//! read before it is written.

use rustc_hash::FxHashMap;

use super::column::number;

/// A row while it is being laid down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) label: u32,
}

/// Orders the rows of one moment; gives the stretches of rows inside knots. Cost: sorting.
pub(super) fn arrange(rows: &mut [Row], chains: bool) -> Vec<(usize, usize)> {
    rows.sort_unstable();
    let passes_on =
        |row: &Row| row.from != row.to && rows.binary_search_by_key(&row.to, |other| other.from).is_ok();
    // Nodes that rows take from are the only ones whose place matters.
    if !rows.iter().any(passes_on) {
        return Vec::new();
    }
    let mut inside: FxHashMap<u32, u32> = FxHashMap::default();
    for row in &*rows {
        let next = number(inside.len());
        inside.entry(row.from).or_insert(next);
    }
    let groups = Groups::new(rows, &inside);
    let place = |row: &Row| {
        let from = groups.of[inside[&row.from] as usize];
        let within =
            row.from != row.to && inside.get(&row.to).map(|to| groups.of[*to as usize]) == Some(from);
        // Groups are numbered from the far end of the flow.
        let far_first = if chains { u32::MAX - from } else { from };
        (far_first, !within)
    };
    rows.sort_by_cached_key(|row| (place(row), *row));
    let mut knots = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        let (group, outside) = place(&rows[at]);
        let from = at;
        while at < rows.len() && place(&rows[at]) == (group, outside) {
            at += 1;
        }
        if !outside {
            knots.push((from, at));
        }
    }
    knots
}

/// Strongly connected components by Tarjan's walk, without recursion.
struct Groups {
    /// The component of each node, numbered from the far end: a row leads from a higher number to a lower or equal.
    of: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

impl Groups {
    fn new(rows: &[Row], inside: &FxHashMap<u32, u32>) -> Self {
        let count = inside.len();
        // Rows are sorted by `from`, so those of one node stand together; numbers were given in the same order.
        let mut begins = vec![0_usize; count + 1];
        for row in rows {
            begins[inside[&row.from] as usize + 1] += 1;
        }
        for at in 0..count {
            begins[at + 1] += begins[at];
        }
        let targets: Vec<Option<u32>> = rows.iter().map(|row| inside.get(&row.to).copied()).collect();
        let mut of = vec![UNSEEN; count];
        let mut seen = vec![UNSEEN; count];
        let mut low = vec![0_u32; count];
        let (mut clock, mut groups) = (0_u32, 0_u32);
        let mut open: Vec<usize> = Vec::new();
        let mut walk: Vec<(usize, usize)> = Vec::new();
        for root in 0..count {
            if seen[root] != UNSEEN {
                continue;
            }
            walk.push((root, begins[root]));
            while let Some((node, next)) = walk.pop() {
                if seen[node] == UNSEEN {
                    (seen[node], low[node]) = (clock, clock);
                    clock += 1;
                    open.push(node);
                }
                if next < begins[node + 1] {
                    walk.push((node, next + 1));
                    if let Some(to) = targets[next] {
                        let to = to as usize;
                        if seen[to] == UNSEEN {
                            walk.push((to, begins[to]));
                        } else if of[to] == UNSEEN {
                            low[node] = low[node].min(seen[to]);
                        }
                    }
                    continue;
                }
                if low[node] == seen[node] {
                    while let Some(member) = open.pop() {
                        of[member] = groups;
                        if member == node {
                            break;
                        }
                    }
                    groups += 1;
                }
                if let Some((parent, _)) = walk.last() {
                    low[*parent] = low[*parent].min(low[node]);
                }
            }
        }
        Self { of }
    }
}
