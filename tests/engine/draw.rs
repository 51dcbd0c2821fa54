//! Small random histories.

use wherefore::engine::{End, Flow, Log, Seed, Standing, Ties};

/// Splitmix64.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((((z ^ (z >> 31)) >> 32) * u64::from(bound)) >> 32).unwrap()
    }
}

/// A history: 2 to 8 nodes, 2 to 11 instants, up to 24 flows, 6 standing flows, 8 ends, 3 seeds; many ties and cycles.
/// Sizes lean to the small end, where mistakes are easy to read.
pub fn history(random: &mut Random) -> Log {
    let ties = [Ties::Recorded, Ties::Any, Ties::Strict][random.below(3) as usize];
    let nodes = 2 + random.below(7);
    let instants = 2 + random.below(10);
    let mut log = Log::new(ties, nodes);
    let mut order = 0;
    let mut next = || {
        order += 1;
        order
    };
    let small = |random: &mut Random, most: u32| {
        let bound = 1 + random.below(most + 1);
        random.below(bound)
    };
    for label in 1..=small(random, 24) + 1 {
        log.flows.push(Flow {
            at: i64::from(random.below(instants)),
            // Rows of one act share their place.
            order: if random.below(4) == 0 { 1 } else { next() },
            from: random.below(nodes),
            to: random.below(nodes),
            label,
        });
    }
    for label in 1..=small(random, 6) {
        let since = random.below(instants);
        log.standing.push(Standing {
            since: i64::from(since),
            order: next(),
            until: (random.below(3) > 0).then(|| i64::from(since + random.below(instants))),
            from: random.below(nodes),
            to: random.below(nodes),
            label: 100 + label,
        });
    }
    for _ in 0..small(random, 8) {
        log.ends.push(End {
            at: i64::from(random.below(instants)),
            order: next(),
            node: random.below(nodes),
        });
    }
    for _ in 0..=random.below(3) {
        log.seeds.push(Seed {
            at: i64::from(random.below(instants)),
            order: next(),
            node: random.below(nodes),
        });
    }
    // Orders as drawn go by kind; the record mixes them.
    for index in 0..log.flows.len() {
        if log.flows[index].order > 1 {
            log.flows[index].order = 2 + (log.flows[index].order * 7) % 41;
        }
    }
    spread_out(&mut log, [0, 1 << 17, 1 << 33][random.below(3) as usize]);
    log
}

/// Moves instants apart, ever farther, so that they are kept in 16, 32 or 64 bits.
fn spread_out(log: &mut Log, step: i64) {
    let later = |at: i64| at + at * at * step;
    for flow in &mut log.flows {
        flow.at = later(flow.at);
    }
    for flow in &mut log.standing {
        flow.since = later(flow.since);
        flow.until = flow.until.map(later);
    }
    for end in &mut log.ends {
        end.at = later(end.at);
    }
    for seed in &mut log.seeds {
        seed.at = later(seed.at);
    }
}
