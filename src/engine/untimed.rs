//! What flows lead to when time does not count: a bound for every search that heeds it, found by reading no times.

use super::columns::Columns;
use crate::sys::prefetch;

/// How many nodes ahead it is fetched where their rows begin; the rows themselves half as many.
const AHEAD: usize = 16;

/// The memory of a search without time: 4 bytes and a bit a node. It can be used again; that costs what the search
/// before reached.
#[derive(Debug, Default)]
pub struct Untimed {
    /// A bit for each node.
    seen: Vec<u64>,
    /// The nodes reached, in the order of the search, and one place more.
    queue: Vec<u32>,
    count: usize,
}

impl Untimed {
    /// Memory for searches in a graph.
    pub fn new(columns: &Columns) -> Self {
        let nodes = columns.nodes() as usize;
        Self {
            seen: vec![0; nodes.div_ceil(64)],
            queue: vec![0; nodes + 1],
            count: 0,
        }
    }

    /// Finds every node to which acts and standing flows lead from a node, whatever their times and whatever ends in between;
    /// the node itself comes first.
    ///
    /// Cost: each row out of a reached node once, and a binary search for each where anything ends.
    ///
    /// # Panics
    /// When the graph has no such node.
    pub fn run(&mut self, columns: &Columns, node: u32) -> &[u32] {
        for node in &self.queue[..self.count] {
            self.seen[*node as usize / 64] = 0;
        }
        self.count = 0;
        self.find(node);
        let (lives, pieces) = (&columns.lives, &columns.pieces);
        let has_ends = columns.lives() != columns.nodes();
        let begin = |node: u32| lives.out_begins[columns.lives_of(node).start as usize] as usize;
        let mut next = 0;
        while next < self.count {
            let node = self.queue[next];
            if let Some(ahead) = self.queue[..self.count].get(next + AHEAD) {
                prefetch(&lives.out_begins, *ahead as usize);
            }
            if let Some(ahead) = self.queue[..self.count].get(next + AHEAD / 2) {
                lives.out.fetch(begin(*ahead));
            }
            next += 1;
            let of_node = columns.lives_of(node);
            let rows = begin(node)..lives.out_begins[of_node.end as usize] as usize;
            lives.out.at(rows).each(|[life, _]| {
                self.find(if has_ends { columns.node_of(life) } else { life });
            });
            for piece in of_node.flat_map(|life| pieces.out(life)) {
                self.find(columns.node_of(piece.to));
            }
        }
        &self.queue[..self.count]
    }

    /// Notes a node. No branch depends on whether it is news: one in ten is.
    #[inline]
    fn find(&mut self, node: u32) {
        let (word, bit) = (&mut self.seen[node as usize / 64], 1 << (node % 64));
        self.queue[self.count] = node;
        self.count += usize::from(*word & bit == 0);
        *word |= bit;
    }
}
