//! What is laid over a graph means what it would if the graph were built with it.

use super::draw::{Random, history};
use super::hold::{Hold, moments};
use super::random::{spread, wanted};
use wherefore::engine::{Beginning, Columns, Log, Moment, Overlay, Reach, Seed, Step, Supply, Ties};

/// A history cut in two: what the graph is built from, and what is laid over it.
struct Cut {
    whole: Log,
    base: Log,
    over: Log,
}

/// Under RECORDED what is laid over comes behind what is there at the same instant.
const LATER: u32 = 1_000;

fn cut(random: &mut Random) -> Cut {
    let mut whole = history(random);
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
    Cut { whole, base, over }
}

/// The moment of the overlay that a moment of the whole history is.
fn key(columns: &Columns, overlay: &Overlay<'_>, cut: &Cut, at: (i64, u64)) -> Moment {
    let bases = moments(&cut.base);
    match bases.binary_search(&at) {
        Ok(rank) => overlay.moment_of(columns.moment(u32::try_from(rank).unwrap())),
        Err(_) => overlay.moment(at.0, u32::try_from(at.1.saturating_sub(1)).unwrap()),
    }
}

/// Whether base and overlay tell the moment from others. Where a standing flow of the overlay closes at an instant of the base, what
/// is before all acts of that instant has no moment of its own under RECORDED.
fn is_known(cut: &Cut, at: (i64, u64)) -> bool {
    let bases = moments(&cut.base);
    cut.whole.ties != Ties::Recorded
        || at.1 > 0
        || bases.contains(&at)
        || bases.iter().all(|(instant, _)| *instant != at.0)
}

/// Data that begins at an instant at which nothing else happens, and of which neither base nor overlay knows: it may count as
/// beginning with what is before, and so reach too much, but never too little.
fn compare_unknown(random: &mut Random) {
    let mut cut = cut(random);
    let seeds = std::mem::take(&mut cut.whole.seeds);
    cut.base.seeds.clear();
    let (columns, is_quiet) = (Columns::build(&cut.base).unwrap(), |at: i64| {
        moments(&cut.whole).iter().all(|(instant, _)| *instant != at)
    });
    let overlay = Overlay::new(&columns, &cut.over);
    for seed in seeds.into_iter().filter(|seed| is_quiet(seed.at)) {
        let mut whole = cut.whole.clone();
        whole.seeds.push(seed);
        let (oracle, all) = (Hold::new(&whole, 0), moments(&whole));
        let at = overlay.moment(seed.at, 0);
        let life = overlay.life_at(seed.node, at);
        let reach = Reach::new(&overlay, &[Beginning { life, at }], Moment::LAST);
        let is_there = |(_, at): &(usize, (i64, u64))| at.0 != seed.at && is_known(&cut, *at);
        for (rank, at) in all.into_iter().enumerate().filter(is_there) {
            let now = key(&columns, &overlay, &cut, at);
            for node in 0..cut.whole.nodes {
                let life = overlay.life_at(node, now);
                let is_held = oracle.held[node as usize][rank];
                assert!(
                    !is_held || reach.arrival(life).is_some_and(|since| since <= now),
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
    let overlay = Overlay::new(&columns, &cut.over);
    let all = moments(&cut.whole);
    let known: Vec<usize> = (0..all.len()).filter(|rank| is_known(&cut, all[*rank])).collect();
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
            for rank in &known {
                let now = key(&columns, &overlay, &cut, all[*rank]);
                let life = overlay.life_at(node, now);
                let held = reach.arrival(life).is_some_and(|since| since <= now);
                let expected = oracle.held[node as usize][*rank];
                assert_eq!(
                    held,
                    expected,
                    "seed {place}, node {node}, moment {:?}\n{}",
                    all[*rank],
                    context()
                );
                let supply = Supply::new(&overlay, &[Beginning { life, at: now }]);
                let supplies = supply.latest(begin.life).is_some_and(|latest| begin.at <= latest);
                assert_eq!(
                    supplies,
                    expected,
                    "back from node {node}, moment {:?}\n{}",
                    all[*rank],
                    context()
                );
            }
        }
        for life in reach.lives() {
            let shortest = reach.shortest(life);
            assert!(shortest.iter().all(|step| match step {
                Step::Row(_) | Step::Piece(_) => true,
                Step::Flow(place) => (*place as usize) < cut.over.flows.len(),
                Step::Standing(place) => (*place as usize) < cut.over.standing.len(),
            }));
            let fewest = (0..cut.whole.nodes)
                .flat_map(|node| known.iter().map(move |rank| (node, *rank)))
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
