//! The search without time against repeating flows until nothing changes.

use wherefore::engine::{Columns, Log, Untimed};

/// Compares what is led to from every node; the memory is used again.
pub fn check(log: &Log, columns: &Columns) {
    let mut search = Untimed::new(columns);
    for node in 0..log.nodes {
        let mut expected = vec![false; log.nodes as usize];
        expected[node as usize] = true;
        let standing = log.standing.iter();
        let flows = log.flows.iter().map(|flow| (flow.from, flow.to));
        let standing = standing
            .filter(|flow| flow.until.is_none_or(|until| until > flow.since))
            .map(|flow| (flow.from, flow.to));
        let ways: Vec<(u32, u32)> = flows.chain(standing).collect();
        for _ in 0..log.nodes {
            for (from, to) in &ways {
                expected[*to as usize] |= expected[*from as usize];
            }
        }
        let found = search.run(columns, node);
        assert_eq!(found[0], node);
        let mut held = vec![false; log.nodes as usize];
        for node in found {
            assert!(
                !std::mem::replace(&mut held[*node as usize], true),
                "{node} twice in {log:?}"
            );
        }
        assert_eq!(held, expected, "from node {node} of {log:?}");
    }
}
