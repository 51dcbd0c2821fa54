//! Graphs so large that a neighbor takes five or six bytes, as small ones never do: a history among very many acts that
//! have nothing to do with it is searched as it is alone.

use super::draw::{Random, history};
use wherefore::engine::{
    Backward, Base, Columns, End, Flow, Frontier, Limits, Log, Meeting, Position, Seed, Standing, Untimed,
};

const BASE: Base = Base {
    sequence: 1,
    digest: [1; 32],
};

/// Where a node of the history stands among so many, the last of its part.
fn moved(log: &Log, nodes: u32, node: u32) -> u32 {
    (node + 1) * ((nodes - 2) / log.nodes) - 1
}

/// The history, and so many acts between the last two of so many nodes, about the times of its own.
fn among(log: &Log, acts: u32, nodes: u32, random: &mut Random) -> Log {
    let mut large = Log::new(log.ties, nodes);
    let to = |node| moved(log, nodes, node);
    let flows = log.flows.iter().map(|flow| Flow {
        from: to(flow.from),
        to: to(flow.to),
        ..*flow
    });
    large.flows.extend(flows);
    let standing = log.standing.iter().map(|flow| Standing {
        from: to(flow.from),
        to: to(flow.to),
        ..*flow
    });
    large.standing.extend(standing);
    let ends = log.ends.iter().map(|end| End {
        node: to(end.node),
        ..*end
    });
    large.ends.extend(ends);
    let seeds = log.seeds.iter().map(|seed| Seed {
        node: to(seed.node),
        ..*seed
    });
    large.seeds.extend(seeds);
    let count = u32::try_from(log.flows.len()).unwrap();
    for label in 0..acts {
        let beside = log.flows[random.below(count) as usize];
        large.flows.push(Flow {
            at: beside.at + i64::from(random.below(3)) - 1,
            order: random.below(50),
            from: nodes - 2,
            to: nodes - 1,
            label: 1_000 + label,
        });
    }
    large
}

/// What a search forward finds of each life of the history: the instant of its arrival and the acts of a shortest chain.
fn forward(columns: &Columns, start: usize, nodes: &[u32]) -> Vec<Option<(i64, usize)>> {
    let start = columns.starts().nth(start).unwrap();
    let mut frontier = Frontier::new(columns);
    frontier.run(columns, &[start], Limits::NONE, |_| false);
    let lives = nodes.iter().flat_map(|node| columns.lives_of(*node));
    lives
        .map(|life| {
            let at = frontier.arrival(life)?;
            Some((columns.instant(at.row()), frontier.shortest(life).len()))
        })
        .collect()
}

/// The acts of a shortest chain to each life, by a search from both ends.
fn both(columns: &Columns, start: usize, nodes: &[u32]) -> Vec<Option<usize>> {
    let start = columns.starts().nth(start).unwrap();
    let mut meeting = Meeting::new(columns);
    let lives = nodes.iter().flat_map(|node| columns.lives_of(*node));
    lives
        .map(|life| {
            let chain = meeting.run(columns, &[start], &[life], Position::LAST);
            chain.map(|chain| chain.len())
        })
        .collect()
}

/// The labels of the rows by which each node's last life was supplied.
fn back(columns: &Columns, nodes: &[u32]) -> Vec<Vec<u32>> {
    let mut backward = Backward::new(columns);
    let mut labels = |node: &u32| {
        backward.run(columns, &[columns.lives_of(*node).end - 1], Position::LAST);
        let mut labels: Vec<u32> = backward.rows(columns).map(|row| columns.label(row)).collect();
        labels.sort_unstable();
        labels
    };
    nodes.iter().map(&mut labels).collect()
}

fn compare(number: u64, acts: u32, nodes: u32) {
    let random = &mut Random(number);
    let log = history(random);
    let alone = Columns::build(&log).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("columns");
    let built = Columns::build(&among(&log, acts, nodes, random)).unwrap();
    built.save(&path, BASE).unwrap();
    let mapped = Columns::open(&path, BASE).unwrap();
    let own: Vec<u32> = (0..log.nodes).collect();
    let there: Vec<u32> = own.iter().map(|node| moved(&log, nodes, *node)).collect();
    for large in [&built, &mapped] {
        for start in 0..log.seeds.len() {
            assert_eq!(
                forward(large, start, &there),
                forward(&alone, start, &own),
                "{log:?}"
            );
            assert_eq!(both(large, start, &there), both(&alone, start, &own), "{log:?}");
        }
        assert_eq!(back(large, &there), back(&alone, &own), "{log:?}");
        let (mut far, mut near) = (Untimed::new(large), Untimed::new(&alone));
        for (node, own) in there.iter().zip(&own) {
            let mut found: Vec<u32> = far.run(large, *node).to_vec();
            found.sort_unstable();
            let mut expected: Vec<u32> = near.run(&alone, *own).to_vec();
            expected.sort_unstable();
            let expected: Vec<u32> = expected.into_iter().map(|own| there[own as usize]).collect();
            assert_eq!(found, expected, "{log:?}");
        }
    }
}

#[test]
fn a_history_among_very_many_acts_is_searched_as_it_is_alone() {
    // 17 bits of row and life each, then 21: five bytes, then six.
    for number in 0..30 {
        compare(number, 1 << 16, 1 << 17);
    }
    for number in 100..103 {
        compare(number, 1 << 20, 1 << 21);
    }
}
