//! How near the engine comes to what the machine can do.
//!
//! `cargo bench --bench engine -- [SIZE...] [PART...]`; sizes are S, M, L (100,000, a million, ten million flows) or
//! `100k`, `1m`, `10m`, `100m`; parts are `build`, `sweep`, `search`, `point`, `later`, `audit`, `file`; by default S, M and
//! all parts. `--write DIR` writes the graph's columns, `--from DIR` reads a graph instead of making one, `--answers`
//! prints what the questions found, one JSON object a line, for comparing with other engines.
//!
//! Times are of the processor, the least of several runs; floors are probed in the same process, beside what they
//! are compared with. For figures build the crate at `opt-level` 3.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    unsafe_code,
    reason = "a bench prints, stops at the first error, and counts what is allocated"
)]

mod counting;
mod floors;
mod graph;
mod parts;
mod questions;
mod timing;

use std::path::PathBuf;

use graph::Graph;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

/// What was asked for on the command line.
pub struct Asked {
    parts: Vec<String>,
    answers: bool,
}

impl Asked {
    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }
}

fn flows(size: &str) -> Option<usize> {
    Some(match size.to_ascii_lowercase().as_str() {
        "s" | "100k" => 100_000,
        "m" | "1m" => 1_000_000,
        "l" | "10m" => 10_000_000,
        "100m" => 100_000_000,
        _ => return None,
    })
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let (mut sizes, mut from, mut write) = (Vec::new(), None, None);
    let mut asked = Asked {
        parts: Vec::new(),
        answers: false,
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--from" => from = words.next().map(PathBuf::from),
            "--write" => write = words.next().map(PathBuf::from),
            "--answers" => asked.answers = true,
            other => match flows(other) {
                Some(size) => sizes.push(size),
                None => asked.parts.push(other.to_owned()),
            },
        }
    }
    if let Some(folder) = from {
        return parts::run(&mut Graph::read(&folder), &asked);
    }
    if sizes.is_empty() {
        sizes = vec![100_000, 1_000_000];
    }
    for size in sizes {
        let mut graph = Graph::generate(size, 20_240_607);
        if let Some(folder) = &write {
            graph.write(folder);
        } else {
            parts::run(&mut graph, &asked);
        }
    }
}
