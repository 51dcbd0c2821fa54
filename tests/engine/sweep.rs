//! The sweep against the oracle: what is held, and which acts carry what they may not, source by source.

use std::collections::BTreeSet;

use super::draw::{Random, history};
use super::hold::{Hold, moments};
use wherefore::engine::{
    Block, Carrier, Change, Columns, Flow, Lanes, Log, Narrow, Policy, Position, Seed, Standing, Start,
    Sweep, Ties, Wide, audit,
};

/// Labels and the sources they are forbidden to, with changes at moments.
pub struct Drawn {
    pub policy: Policy,
    /// For each label, its class at each moment.
    pub classes: Vec<Vec<u32>>,
    /// For each class, the seeds it is forbidden to.
    forbidden: Vec<u32>,
    /// So many kinds of places there are; where it is more than one, a class forbids something to some of them only.
    kinds: usize,
}

impl Drawn {
    pub fn forbids(&self, class: u32, place: usize, seed: usize) -> bool {
        let is_meant = self.kinds == 1 || class >> (place % self.kinds) & 1 == 1;
        is_meant && self.forbidden[class as usize] >> seed & 1 == 1
    }
}

const LABELS: u32 = 110;

/// A policy of a few classes, or of `many`, which all differ in what they forbid.
pub fn draw_policy(random: &mut Random, log: &Log, columns: &Columns, many: bool) -> Drawn {
    let classes = if many { 400 } else { 1 + random.below(4) };
    let forbidden: Vec<u32> = (0..classes)
        .map(|class| match class {
            0 => 0,
            _ if many => 7,
            _ => random.below(8),
        })
        .collect();
    // Where nothing is forbidden at first, a pass takes it that little is.
    let is_free = random.below(4) == 0;
    let ranks = columns.moments();
    let mut class_of = vec![0; LABELS as usize];
    let mut changes = Vec::new();
    let mut by_moment = Vec::new();
    for label in 0..LABELS {
        let mut class = if label == 0 || is_free {
            0
        } else {
            random.below(classes)
        };
        class_of[label as usize] = class;
        let used = log.flows.iter().any(|flow| flow.label == label)
            || log.standing.iter().any(|flow| flow.label == label);
        let mut row = Vec::new();
        for rank in 0..ranks {
            if used && random.below(5) == 0 {
                class = random.below(classes);
                let at = columns.moment(rank);
                // Without standing flows the gap before a moment is as good as the moment itself.
                let early = log.standing.is_empty() && random.below(2) == 0;
                let at = if early { columns.before(at) } else { at };
                changes.push(Change { at, label, class });
            }
            row.push(class);
        }
        by_moment.push(row);
    }
    Drawn {
        policy: Policy::new(classes, class_of, changes),
        classes: by_moment,
        forbidden,
        kinds: if many { 9 } else { 1 },
    }
}

/// Labels that carry, at some moment, what is forbidden then to the seed at a place.
fn wrong(log: &Log, drawn: &Drawn, oracle: &Hold, seed: usize, place: usize) -> BTreeSet<u32> {
    let moments = moments(log);
    let is_forbidden =
        |label: u32, rank: usize| drawn.forbids(drawn.classes[label as usize][rank], place, seed);
    let rank = |at: (i64, u64)| moments.binary_search(&at).unwrap();
    let moment = |at: i64, order: u32| match log.ties {
        Ties::Recorded => (at, u64::from(order) + 1),
        Ties::Any | Ties::Strict => (at, 0),
    };
    let mut wrong = BTreeSet::new();
    for flow in &log.flows {
        let now = rank(moment(flow.at, flow.order));
        let is_ended = log
            .ends
            .iter()
            .any(|end| end.node == flow.from && rank(moment(end.at, end.order)) == now);
        let held = &oracle.held[flow.from as usize];
        let takes = match log.ties {
            Ties::Any => held[now],
            Ties::Recorded | Ties::Strict => now > 0 && held[now - 1] && !is_ended,
        };
        if takes && is_forbidden(flow.label, now) {
            wrong.insert(flow.label);
        }
    }
    for flow in &log.standing {
        let since = rank(moment(flow.since, flow.order));
        let until = flow.until.map_or(moments.len(), |until| rank((until, 0)));
        if (since..until).any(|now| oracle.held[flow.from as usize][now] && is_forbidden(flow.label, now)) {
            wrong.insert(flow.label);
        }
    }
    wrong
}

/// Compares sweeps of one width; the seeds stand at random places.
fn compare<L: Lanes>(random: &mut Random, log: &Log, many: bool) {
    let columns = Columns::build(log).unwrap();
    let drawn = draw_policy(random, log, &columns, many);
    let seeds: Vec<Start> = columns.starts().collect();
    // Places without a seed hold a copy of one: all places are compared.
    let count = 1 + random.below(u32::try_from(L::COUNT).unwrap()) as usize;
    let chosen: Vec<usize> = (0..count)
        .map(|_| random.below(u32::try_from(seeds.len()).unwrap()) as usize)
        .collect();
    let starts: Vec<Start> = chosen.iter().map(|seed| seeds[*seed]).collect();
    let forbids = |class: u32, place: usize| drawn.forbids(class, place, chosen[place]);
    let mut sweep: Sweep<'_, L> = Sweep::new(&columns, &drawn.policy, forbids, count);
    let mut told: Vec<(u32, L)> = Vec::new();
    sweep.run(&starts, &mut |by: Carrier,
                             label: u32,
                             at: Position,
                             sources: L| {
        match by {
            Carrier::Row(row) => {
                assert_eq!(columns.position_of(row), at, "{log:?}");
                assert!(
                    !log.standing.iter().any(|flow| flow.label == label),
                    "{label} of {log:?}"
                );
            }
            Carrier::Piece(number) => assert_eq!(columns.piece(number).label, label, "{log:?}"),
        }
        told.push((label, sources));
    });
    for (seed, start) in seeds.iter().enumerate() {
        let oracle = Hold::new(log, seed);
        let kinds = 0..drawn.kinds;
        let expected: Vec<_> = kinds
            .map(|kind| wrong(log, &drawn, &oracle, seed, kind))
            .collect();
        for (place, _) in chosen.iter().enumerate().filter(|(_, other)| **other == seed) {
            let found: BTreeSet<u32> = told
                .iter()
                .filter(|(_, sources)| sources.and(L::one(place)) == L::one(place))
                .map(|(label, _)| *label)
                .collect();
            let expected = &expected[place % drawn.kinds];
            assert_eq!(found, *expected, "seed {start:?} at place {place} of {log:?}");
            let end = columns.moments() - 1;
            for node in 0..columns.nodes() {
                let life = columns.life_at(node, columns.moment(end));
                let held = !sweep.held()[life as usize].and(L::one(place)).is_empty();
                assert_eq!(
                    held, oracle.held[node as usize][end as usize],
                    "node {node} of {log:?}"
                );
            }
        }
    }
}

/// Adds standing flows, so many that a pass has to look for what passes on a gain.
pub fn crowd(random: &mut Random, log: &mut Log) {
    let instants: Vec<i64> = log.flows.iter().map(|flow| flow.at).collect();
    let count = u32::try_from(instants.len()).unwrap();
    let some = |random: &mut Random| instants[random.below(count) as usize];
    for order in 100..120 + random.below(40) {
        let since = some(random);
        log.standing.push(Standing {
            since,
            order,
            until: (random.below(3) > 0).then(|| since.max(some(random))),
            from: random.below(log.nodes),
            to: random.below(log.nodes),
            label: 107 + random.below(3),
        });
    }
}

#[test]
fn sweeps_agree_with_the_oracle_on_random_histories() {
    let wanted = super::random::wanted() / 4;
    let done = super::random::spread(wanted, |number| {
        let random = &mut Random(number ^ (1 << 60));
        let mut log = history(random);
        if number % 16 == 1 {
            crowd(random, &mut log);
        }
        compare::<Narrow>(random, &log, number % 32 == 2);
        if number % 8 == 0 {
            compare::<Wide>(random, &log, number % 32 == 8);
        }
        // So many holdings that their states do not lie in the nearest caches: these are fetched ahead.
        if number % 256 == 0 {
            log.nodes += 9_000;
            compare::<Wide>(random, &log, number % 512 == 0);
        }
        if number % 2_048 == 0 {
            log.nodes += 66_000;
            compare::<Narrow>(random, &log, false);
        }
    });
    println!("{done} random histories swept");
    assert_eq!(done, wanted);
}

/// Flows of one moment whose order depends on standing flows that lead from the one to the other over many holdings.
#[test]
fn standing_flows_that_lead_back_into_a_moment_from_far_are_followed() {
    let flow = |order, from, to| Flow {
        at: 10,
        order,
        from,
        to,
        label: 1 + order,
    };
    for length in [3, 20, 300] {
        let mut log = Log::new(Ties::Any, length + 3);
        log.flows = vec![flow(0, length, length + 1), flow(1, length + 2, 0)];
        log.standing = (0..length)
            .map(|from| Standing {
                since: 0,
                order: 10 + from,
                until: None,
                from,
                to: from + 1,
                label: 100,
            })
            .collect();
        log.seeds = vec![Seed {
            node: length + 2,
            at: 0,
            order: 9,
        }];
        compare::<Narrow>(&mut Random(length.into()), &log, false);
    }
}

/// An act and a standing flow between the same holdings under the same label are told apart.
#[test]
fn an_act_is_not_taken_for_the_standing_flow_beside_it() {
    let mut log = Log::new(Ties::Any, 2);
    let (from, to, label) = (0, 1, 1);
    let (at, order) = (10, 1);
    log.flows = vec![Flow {
        at,
        order,
        from,
        to,
        label,
    }];
    let (since, until) = (5, None);
    log.standing = vec![Standing {
        since,
        order,
        until,
        from,
        to,
        label,
    }];
    log.seeds = vec![Seed {
        node: 0,
        at: 0,
        order: 0,
    }];
    let columns = Columns::build(&log).unwrap();
    let policy = Policy::new(2, vec![0, 1], Vec::new());
    let mut sweep: Sweep<'_, Narrow> = Sweep::new(&columns, &policy, |_, _| true, 1);
    let mut told = BTreeSet::new();
    let starts: Vec<Start> = columns.starts().collect();
    sweep.run(&starts, &mut |by: Carrier, _: u32, _: Position, _: Narrow| {
        told.insert(by);
    });
    let row = columns.position(10).row();
    assert_eq!(told, BTreeSet::from([Carrier::Row(row), Carrier::Piece(0)]));
}

#[test]
fn every_block_of_an_audit_says_what_single_sources_do() {
    let random = &mut Random(5);
    for _ in 0..40 {
        let log = history(random);
        let columns = Columns::build(&log).unwrap();
        let drawn = draw_policy(random, &log, &columns, false);
        let seeds: Vec<Start> = columns.starts().collect();
        let starts: Vec<Start> = seeds.iter().copied().cycle().take(1_040).collect();
        let forbids = |class: u32, source: usize| drawn.forbids(class, source, source % seeds.len());
        let run = |workers| {
            let blocks: Vec<Block<Told>> = audit(
                &columns,
                &starts,
                &drawn.policy,
                forbids,
                |_| Told::default(),
                workers,
            );
            let mut found: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); starts.len()];
            for block in blocks {
                for (label, sources) in block.watch.0 {
                    for place in sources.places() {
                        found[block.sources[place]].insert(label);
                    }
                }
            }
            found
        };
        let found = run(2);
        assert_eq!(found, run(1), "the number of workers matters");
        for (source, found) in found.iter().enumerate() {
            let seed = source % seeds.len();
            let expected = wrong(&log, &drawn, &Hold::new(&log, seed), seed, source);
            assert_eq!(*found, expected, "source {source} of {log:?}");
        }
    }
}

#[derive(Default)]
struct Told(Vec<(u32, Wide)>);

impl wherefore::engine::Watch<Wide> for Told {
    fn forbidden(&mut self, _: Carrier, label: u32, _: Position, sources: Wide) {
        self.0.push((label, sources));
    }
}
