//! What is laid over a graph means what it would if the graph were built with it.

use std::sync::Arc;

use super::draw::{Random, history};
use super::hold::{Hold, moments};
use super::random::{spread, wanted};
use wherefore::engine::{Beginning, Columns, Log, Moment, Overlay, Reach, Seed, Step, Supply};

/// A history cut in two: what the graph is built from, and what is laid over it.
struct Cut {
    whole: Log,
    base: Log,
    over: Log,
    /// So many standing flows, the last ones, are laid upon all others that are laid over the graph.
    upper: usize,
}

/// Under RECORDED what is laid over comes behind what is there at the same instant.
const LATER: u32 = 1_000;

fn cut(random: &mut Random) -> Cut {
    let mut whole = history(random);
    shift(&mut whole, -i64::from(random.below(4)));
    let fewer = random.below(3);
    let mut base = Log::new(whole.ties, whole.nodes - fewer.min(whole.nodes - 1));
    let mut over = Log::new(whole.ties, whole.nodes);
    let nodes = base.nodes;
    let is_over = |random: &mut Random, at_new_node: bool| at_new_node || random.below(3) == 0;
    for flow in &mut whole.flows {
        if is_over(random, flow.from.max(flow.to) >= nodes) {
            flow.order += LATER;
            over.flows.push(*flow);
        } else {
            base.flows.push(*flow);
        }
    }
    for flow in &mut whole.standing {
        if is_over(random, flow.from.max(flow.to) >= nodes) {
            flow.order += LATER;
            over.standing.push(*flow);
        } else {
            base.standing.push(*flow);
        }
    }
    for end in &mut whole.ends {
        if is_over(random, end.node >= nodes) {
            end.order += LATER;
            over.ends.push(*end);
        } else {
            base.ends.push(*end);
        }
    }
    for seed in &mut whole.seeds {
        if seed.node >= nodes {
            seed.node = random.below(nodes);
        }
        base.seeds.push(*seed);
    }
    let upper = random.below(2) * random.below(number(over.standing.len()) + 1);
    Cut {
        whole,
        base,
        over,
        upper: upper as usize,
    }
}

/// The same history, so much later.
fn shift(log: &mut Log, by: i64) {
    for flow in &mut log.flows {
        flow.at += by;
    }
    for flow in &mut log.standing {
        flow.since += by;
        flow.until = flow.until.map(|until| until + by);
    }
    for end in &mut log.ends {
        end.at += by;
    }
    for seed in &mut log.seeds {
        seed.at += by;
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap()
}

/// What is laid over the graph, at once or some of it upon the rest.
fn laid<'c>(columns: &'c Columns, cut: &Cut) -> Overlay<'c> {
    if cut.upper == 0 {
        return Overlay::new(columns, &cut.over);
    }
    let mut lower = cut.over.clone();
    let upper = lower.standing.split_off(lower.standing.len() - cut.upper);
    // Nodes that only the upper ones have are theirs.
    let flows = lower.flows.iter().map(|flow| flow.from.max(flow.to));
    let standing = lower.standing.iter().map(|flow| flow.from.max(flow.to));
    let nodes = flows.chain(standing).chain(lower.ends.iter().map(|end| end.node));
    lower.nodes = nodes.map(|node| node + 1).max().unwrap_or(0).max(cut.base.nodes);
    let layer = Arc::new(Overlay::new(columns, &lower).into_layer());
    Overlay::upon(columns, layer, &upper, cut.over.nodes)
}

/// The moment of the overlay that a moment of the whole history is.
fn key(columns: &Columns, overlay: &Overlay<'_>, cut: &Cut, at: (i64, u64)) -> Moment {
    let bases = moments(&cut.base);
    match bases.binary_search(&at) {
        Ok(rank) => overlay.moment_of(columns.moment(u32::try_from(rank).unwrap())),
        Err(_) if at.1 == 0 => overlay.before(at.0),
        Err(_) => overlay.moment(at.0, u32::try_from(at.1 - 1).unwrap()),
    }
}

/// The nodes from which and to which a step brings.
fn ends(columns: &Columns, cut: &Cut, step: Step) -> (u32, u32) {
    let nodes = |(from, to)| (columns.node_of(from), columns.node_of(to));
    match step {
        Step::Row(row) => nodes(columns.ends_of(row)),
        Step::Piece(piece) => {
            let piece = columns.piece(piece);
            nodes((piece.from, piece.to))
        }
        Step::Flow(place) => {
            let flow = cut.over.flows[place as usize];
            (flow.from, flow.to)
        }
        Step::Standing(place) => {
            let flow = cut.over.standing[place as usize];
            (flow.from, flow.to)
        }
    }
}

/// Data that begins at an instant at which nothing else happens, and of which neither base nor overlay knows.
fn compare_unknown(random: &mut Random) {
    let mut cut = cut(random);
    let seeds = std::mem::take(&mut cut.whole.seeds);
    cut.base.seeds.clear();
    let (columns, is_quiet) = (Columns::build(&cut.base).unwrap(), |at: i64| {
        moments(&cut.whole).iter().all(|(instant, _)| *instant != at)
    });
    let overlay = laid(&columns, &cut);
    for seed in seeds.into_iter().filter(|seed| is_quiet(seed.at)) {
        let mut whole = cut.whole.clone();
        whole.seeds.push(seed);
        let (oracle, all) = (Hold::new(&whole, 0), moments(&whole));
        let at = overlay.moment(seed.at, 0);
        let life = overlay.life_at(seed.node, at);
        let reach = Reach::new(&overlay, &[Beginning { life, at }], Moment::LAST);
        let is_there = |(_, at): &(usize, (i64, u64))| at.0 != seed.at;
        for (rank, at) in all.into_iter().enumerate().filter(is_there) {
            let now = key(&columns, &overlay, &cut, at);
            for node in 0..cut.whole.nodes {
                let life = overlay.life_at(node, now);
                assert_eq!(
                    reach.arrival(life).is_some_and(|since| since <= now),
                    oracle.held[node as usize][rank],
                    "{seed:?}, node {node}, moment {at:?}\nbase {:?}\nover {:?}",
                    cut.base,
                    cut.over
                );
            }
        }
    }
}

fn compare(random: &mut Random) {
    let cut = cut(random);
    let columns = Columns::build(&cut.base).unwrap();
    let overlay = laid(&columns, &cut);
    let all = moments(&cut.whole);
    let context = || format!("base {:?}\nover {:?}", cut.base, cut.over);
    for (place, start) in columns.starts().enumerate() {
        let seed: &Seed = &cut.whole.seeds[place];
        let oracle = Hold::new(&cut.whole, place);
        let at = overlay.moment_of(start.at);
        let begin = Beginning {
            life: overlay.life_at(seed.node, at),
            at,
        };
        let reach = Reach::new(&overlay, &[begin], Moment::LAST);
        for node in 0..cut.whole.nodes {
            for (rank, moment) in all.iter().enumerate() {
                let now = key(&columns, &overlay, &cut, *moment);
                let life = overlay.life_at(node, now);
                let held = reach.arrival(life).is_some_and(|since| since <= now);
                let expected = oracle.held[node as usize][rank];
                assert_eq!(
                    held,
                    expected,
                    "seed {place}, node {node}, moment {moment:?}\n{}",
                    context()
                );
                let supply = Supply::new(&overlay, &[Beginning { life, at: now }]);
                let supplies = supply.latest(begin.life).is_some_and(|latest| begin.at <= latest);
                assert_eq!(
                    supplies,
                    expected,
                    "back from node {node}, moment {moment:?}\n{}",
                    context()
                );
            }
        }
        for life in reach.lives() {
            let shortest = reach.shortest(life);
            let end = shortest.iter().try_fold(seed.node, |at, step| {
                let (from, to) = ends(&columns, &cut, *step);
                (from == at).then_some(to)
            });
            assert_eq!(end, Some(overlay.node_of(life)), "{shortest:?}\n{}", context());
            let fewest = (0..cut.whole.nodes)
                .flat_map(|node| (0..all.len()).map(move |rank| (node, rank)))
                .filter(|(node, rank)| {
                    overlay.life_at(*node, key(&columns, &overlay, &cut, all[*rank])) == life
                })
                .filter_map(|(node, rank)| oracle.fewest[node as usize][rank])
                .min();
            assert_eq!(
                Some(shortest.len()),
                fewest,
                "fewest acts to life {life}\n{}",
                context()
            );
        }
    }
}

#[test]
fn an_overlay_means_what_a_rebuild_means() {
    let wanted = wanted() / 10;
    let done = spread(wanted, |number| compare(&mut Random(number ^ (1 << 59))));
    println!("{done} random histories laid over");
    assert_eq!(done, wanted);
}

#[test]
fn what_begins_where_nothing_happens_reaches_what_it_would_in_a_rebuild() {
    let wanted = wanted() / 10;
    let done = spread(wanted, |number| compare_unknown(&mut Random(number ^ (1 << 58))));
    assert_eq!(done, wanted);
}
