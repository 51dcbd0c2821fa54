//! Who is told of: acts and standing flows between the same holdings under the same labels, which only what was laid
//! for which tells apart; and whether what is told was so at the position that is told.

use std::collections::BTreeSet;

use super::draw::{Random, history};
use super::hold::{Hold, moments};
use super::sweep::{Drawn, crowd, draw_policy};
use wherefore::engine::{
    Base, Carrier, Columns, Flow, Lanes, Log, Narrow, Position, Standing, Start, Sweep, Ties, Wide,
};

/// What carried something it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    /// An act from a node to a node under a label.
    Act(u32, u32, u32),
    /// The piece with this number.
    Standing(u32),
}

/// Deeds, and the number of a moment at which each did it.
type Deeds = BTreeSet<(Deed, u32)>;

/// All that a seed's data was carried by against what labels allow, at every moment at which it was.
fn wrong(log: &Log, drawn: &Drawn, columns: &Columns, seed: usize) -> Deeds {
    let (moments, oracle) = (moments(log), Hold::new(log, seed));
    let rank = |at: (i64, u64)| moments.binary_search(&at).unwrap();
    let moment = |at: i64, order: u32| match log.ties {
        Ties::Recorded => (at, u64::from(order) + 1),
        Ties::Any | Ties::Strict => (at, 0),
    };
    let is_forbidden =
        |label: u32, rank: usize| drawn.forbids(drawn.classes[label as usize][rank], seed, seed);
    let mut wrong = Deeds::new();
    for flow in &log.flows {
        let now = rank(moment(flow.at, flow.order));
        let ends = |node: u32| {
            let end = |end: &wherefore::engine::End| (end.node, rank(moment(end.at, end.order)));
            log.ends.iter().map(end).any(|at| at == (node, now))
        };
        let held = &oracle.held[flow.from as usize];
        let takes = match log.ties {
            Ties::Any => held[now],
            Ties::Recorded | Ties::Strict => now > 0 && held[now - 1] && !ends(flow.from),
        };
        if takes && is_forbidden(flow.label, now) {
            let deed = Deed::Act(flow.from, flow.to, flow.label);
            wrong.insert((deed, u32::try_from(now).unwrap()));
        }
    }
    for number in 0..u32::try_from(columns.pieces()).unwrap() {
        let (opens, closes) = columns.stretch(number);
        let piece = columns.piece(number);
        let held = &oracle.held[columns.node_of(piece.from) as usize];
        for now in 0..columns.moments() {
            let at = columns.moment(now);
            let carries = opens <= at && at < closes && held[now as usize];
            if carries && is_forbidden(piece.label, now as usize) {
                wrong.insert((Deed::Standing(number), now));
            }
        }
    }
    wrong
}

/// What a pass tells of each seed, which stands at the place of its number.
fn told<L: Lanes>(drawn: &Drawn, columns: &Columns) -> Vec<Deeds> {
    let seeds: Vec<Start> = columns.starts().collect();
    let mut told = vec![Deeds::new(); seeds.len()];
    let forbids = |class: u32, place: usize| drawn.forbids(class, place, place);
    let mut sweep: Sweep<'_, L> = Sweep::new(columns, &drawn.policy, forbids, seeds.len());
    let rank = |at: Position| {
        let mut ranks = 0..columns.moments();
        ranks
            .find(|rank| columns.moment(*rank) == columns.settled(at))
            .unwrap()
    };
    sweep.run(&seeds, &mut |by: Carrier,
                            label: u32,
                            at: Position,
                            sources: L| {
        let deed = match by {
            Carrier::Row(row) => {
                let (from, to) = columns.ends_of(row);
                Deed::Act(columns.node_of(from), columns.node_of(to), label)
            }
            Carrier::Piece(number) => Deed::Standing(number),
        };
        for place in sources.places() {
            told[place].insert((deed, rank(at)));
        }
    });
    told
}

/// Every act is told of, every piece is at some moment, and nothing that was not so.
fn check<L: Lanes>(log: &Log, drawn: &Drawn, columns: &Columns) {
    let deeds = |of: &Deeds| {
        let without_time = |(deed, at): &(Deed, u32)| match deed {
            Deed::Act(..) => (*deed, Some(*at)),
            Deed::Standing(_) => (*deed, None),
        };
        of.iter().map(without_time).collect::<BTreeSet<_>>()
    };
    for (seed, told) in told::<L>(drawn, columns).iter().enumerate() {
        let expected = wrong(log, drawn, columns, seed);
        assert_eq!(deeds(told), deeds(&expected), "seed {seed} of {log:?}");
        let never: Vec<_> = told.difference(&expected).collect();
        assert!(never.is_empty(), "{never:?} of seed {seed} in {log:?}");
    }
}

/// A history of few labels, in which acts and standing flows lie beside standing flows with the same ends and label.
fn alike(random: &mut Random) -> Log {
    let mut log = history(random);
    for label in log.flows.iter_mut().map(|flow| &mut flow.label) {
        *label = 1 + *label % 3;
    }
    for label in log.standing.iter_mut().map(|flow| &mut flow.label) {
        *label = 1 + *label % 3;
    }
    let instants: Vec<i64> = log.flows.iter().map(|flow| flow.at).collect();
    let some = |random: &mut Random| instants[random.below(u32::try_from(instants.len()).unwrap()) as usize];
    for (flow, order) in log.standing.clone().into_iter().zip(60..) {
        if random.below(2) == 0 {
            let since = some(random);
            let until = (random.below(3) > 0).then(|| since.max(some(random)));
            log.standing.push(Standing {
                since,
                order,
                until,
                ..flow
            });
        }
        if random.below(2) == 0 {
            log.flows.push(Flow {
                at: some(random),
                order: order + 20,
                from: flow.from,
                to: flow.to,
                label: flow.label,
            });
        }
    }
    log
}

#[test]
fn acts_and_standing_flows_that_are_alike_are_told_apart() {
    let wanted = super::random::wanted() / 4;
    let done = super::random::spread(wanted, |number| {
        let random = &mut Random(number ^ (1 << 59));
        let mut log = alike(random);
        if number % 16 == 1 {
            crowd(random, &mut log);
        }
        let columns = Columns::build(&log).unwrap();
        let drawn = draw_policy(random, &log, &columns, false);
        check::<Narrow>(&log, &drawn, &columns);
        if number % 8 == 0 {
            check::<Wide>(&log, &drawn, &columns);
        }
    });
    println!("{done} random histories told");
    assert_eq!(done, wanted);
}

#[test]
fn a_mapped_graph_tells_what_the_built_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("columns");
    let base = Base {
        sequence: 7,
        digest: [3; 32],
    };
    for number in 0..300 {
        let random = &mut Random(number ^ (1 << 58));
        let log = alike(random);
        let built = Columns::build(&log).unwrap();
        built.save(&path, base).unwrap();
        let opened = Columns::open(&path, base).unwrap();
        let drawn = draw_policy(random, &log, &built, false);
        check::<Narrow>(&log, &drawn, &opened);
        assert_eq!(
            told::<Narrow>(&drawn, &opened),
            told::<Narrow>(&drawn, &built),
            "{log:?}"
        );
    }
}
