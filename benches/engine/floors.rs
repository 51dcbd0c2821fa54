//! What the machine needs at least: the same bytes and the same pattern of access, without the logic.

use std::hint::black_box;

/// Adds up all numbers of three columns: reading the rows once.
pub fn stream(columns: [&[u32]; 3]) -> u64 {
    columns
        .iter()
        .map(|column| {
            column
                .iter()
                .fold(0_u64, |sum, word| sum.wrapping_add(u64::from(*word)))
        })
        .sum()
}

/// For each row, reads 8 bytes at its source and at its target.
pub fn gather_8(from: &[u32], to: &[u32], state: &[u64]) -> u64 {
    let mut sum = 0;
    for (from, to) in from.iter().zip(to) {
        sum ^= state[*from as usize] ^ state[*to as usize];
    }
    sum
}

/// What a pass with labels reads and changes: for each row, 8 bytes at its source, the byte of its label's class, and 8 bytes at its
/// target. States beyond the processor's own cache are fetched ahead by touching.
pub fn gather_8_labels(rows: [&[u32]; 3], class_of: &[u8], state: &mut [u64]) -> u64 {
    if size_of_val(state) > 512 << 10 {
        with_labels::<true>(rows, class_of, state)
    } else {
        with_labels::<false>(rows, class_of, state)
    }
}

fn with_labels<const FETCH: bool>([from, to, label]: [&[u32]; 3], class_of: &[u8], state: &mut [u64]) -> u64 {
    const AHEAD: usize = 16;
    let count = from.len() - AHEAD;
    let (next_from, next_to) = (&from[AHEAD..], &to[AHEAD..]);
    let (from, to, label) = (&from[..count], &to[..count], &label[..count]);
    let mut sum = 0_u64;
    for row in 0..count {
        if FETCH {
            wherefore::engine::fetch(state, next_from[row] as usize);
            wherefore::engine::fetch(state, next_to[row] as usize);
        }
        let carried = state[from[row] as usize];
        sum = sum.wrapping_add(u64::from(class_of[label[row] as usize]));
        state[to[row] as usize] |= carried;
    }
    sum
}

/// A line of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Line(pub [u64; 8]);

/// For each row, reads a line at its source and writes one at its target, fetched ahead by touching.
pub fn gather_64(from: &[u32], to: &[u32], state: &mut [Line]) {
    const AHEAD: usize = 16;
    for row in 0..from.len() {
        if row + AHEAD < from.len() {
            wherefore::engine::fetch(state, from[row + AHEAD] as usize);
            wherefore::engine::fetch(state, to[row + AHEAD] as usize);
        }
        let carried = state[from[row] as usize].0;
        let target = &mut state[to[row] as usize].0;
        for (word, carried) in target.iter_mut().zip(carried) {
            *word ^= carried;
        }
    }
    black_box(state);
}

/// A plain breadth-first search over adjacency in one array, without time. Gives edges read and nodes reached.
pub fn breadth_first(begins: &[u32], targets: &[u32], from: u32, seen: &mut Vec<bool>) -> (usize, usize) {
    seen.clear();
    seen.resize(begins.len() - 1, false);
    seen[from as usize] = true;
    let mut queue = vec![from];
    let (mut at, mut edges) = (0, 0);
    while at < queue.len() {
        let node = queue[at] as usize;
        at += 1;
        let out = &targets[begins[node] as usize..begins[node + 1] as usize];
        edges += out.len();
        for to in out {
            if !seen[*to as usize] {
                seen[*to as usize] = true;
                queue.push(*to);
            }
        }
    }
    (edges, queue.len())
}
