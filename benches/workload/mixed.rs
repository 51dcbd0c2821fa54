//! Acts of many people at many parties, whoever holds what.

use super::workload::{FIELDS, PARTIES, Random, Size, catalogue, write_act};

/// A fact file as NDJSON: a quarter of the acts collect, a good half shares, the rest uses, whoever holds what.
pub fn ndjson(size: Size) -> String {
    let mut random = Random(7);
    let mut out = catalogue(size);
    for i in 0..size.acts {
        act(&mut out, &mut random, i, size);
    }
    out
}

fn act(out: &mut String, random: &mut Random, i: usize, size: Size) {
    let who = random.below(size.people);
    let (from, to) = (random.below(PARTIES), random.below(PARTIES));
    let field = random.below(FIELDS);
    let parties = match random.below(100) {
        0..25 => format!("\"act\":\"collect\",\"to\":\"party-{to}\""),
        25..85 => format!("\"act\":\"share\",\"from\":\"party-{from}\",\"to\":\"party-{to}\""),
        _ => format!("\"act\":\"use\",\"by\":\"party-{from}\""),
    };
    write_act(out, (i, size), who, field, &parties);
}
