//! The oracle: what is held where at each moment, by repeating the rules until nothing changes.
//!
//! Written from the rules of carrying: holding goes on until an end; a flow brings what is held; a standing flow
//! brings what is held at any moment of its stretch. Under ANY a flow takes what is held at its own instant, whatever
//! the order; otherwise only what was held before and not ended by then.

use wherefore::engine::{Log, Ties};

/// A moment: the instant, and 0 for what comes before all acts of it, or one more than the order of an act.
type Moment = (i64, u64);

pub struct Hold {
    /// For each node and moment.
    pub held: Vec<Vec<bool>>,
    /// For each node and moment, the fewest acts by which it is held then.
    pub fewest: Vec<Vec<Option<usize>>>,
}

fn moment(log: &Log, at: i64, order: u32) -> Moment {
    match log.ties {
        Ties::Recorded => (at, u64::from(order) + 1),
        Ties::Any | Ties::Strict => (at, 0),
    }
}

/// All moments of a log, in order.
pub fn moments(log: &Log) -> Vec<Moment> {
    let mut all: Vec<Moment> = Vec::new();
    all.extend(log.flows.iter().map(|flow| moment(log, flow.at, flow.order)));
    all.extend(log.ends.iter().map(|end| moment(log, end.at, end.order)));
    all.extend(log.seeds.iter().map(|seed| moment(log, seed.at, seed.order)));
    for flow in &log.standing {
        all.push(moment(log, flow.since, flow.order));
        all.extend(flow.until.map(|until| (until, 0)));
    }
    all.sort_unstable();
    all.dedup();
    all
}

impl Hold {
    /// What is held when only this seed of the log is there.
    pub fn new(log: &Log, seed: usize) -> Self {
        let moments = moments(log);
        let rank = |at: Moment| moments.binary_search(&at).unwrap();
        let nodes = log.nodes as usize;
        let mut fewest: Vec<Vec<Option<usize>>> = vec![vec![None; moments.len()]; nodes];
        let mut ended = vec![vec![false; moments.len()]; nodes];
        for end in &log.ends {
            ended[end.node as usize][rank(moment(log, end.at, end.order))] = true;
        }
        let seed = &log.seeds[seed];
        let begins = rank(moment(log, seed.at, seed.order));
        let flows: Vec<(usize, usize, usize)> = log
            .flows
            .iter()
            .map(|flow| {
                let at = rank(moment(log, flow.at, flow.order));
                (at, flow.from as usize, flow.to as usize)
            })
            .collect();
        let standing: Vec<(usize, usize, usize, usize)> = log
            .standing
            .iter()
            .map(|flow| {
                let since = rank(moment(log, flow.since, flow.order));
                let until = flow.until.map_or(moments.len(), |until| rank((until, 0)));
                (since, until, flow.from as usize, flow.to as usize)
            })
            .collect();
        loop {
            let mut changed = false;
            for now in 0..moments.len() {
                let before = |fewest: &[Vec<Option<usize>>], node: usize| {
                    let held = now.checked_sub(1).and_then(|before| fewest[node][before]);
                    held.filter(|_| !ended[node][now])
                };
                let mut found: Vec<(usize, Option<usize>)> = Vec::new();
                if now == begins {
                    found.push((seed.node as usize, Some(0)));
                }
                for node in 0..nodes {
                    found.push((node, before(&fewest, node)));
                }
                for (_, from, to) in flows.iter().filter(|(at, _, _)| *at == now) {
                    let taken = match log.ties {
                        Ties::Any => fewest[*from][now],
                        Ties::Recorded | Ties::Strict => before(&fewest, *from),
                    };
                    found.push((*to, taken.map(|acts| acts + 1)));
                }
                for (since, until, from, to) in &standing {
                    if (*since..*until).contains(&now) {
                        found.push((*to, fewest[*from][now].map(|acts| acts + 1)));
                    }
                }
                for (node, acts) in found {
                    let known = &mut fewest[node][now];
                    if let Some(acts) = acts
                        && known.is_none_or(|known| acts < known)
                    {
                        *known = Some(acts);
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        Self {
            held: fewest
                .iter()
                .map(|node| node.iter().map(Option::is_some).collect())
                .collect(),
            fewest,
        }
    }
}
