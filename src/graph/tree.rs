//! "At or under" in a tree, in constant time.

/// A forest over the numbers 0..n, each node with the interval of its subtree in one walk.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    enter: Vec<u32>,
    leave: Vec<u32>,
}

impl Tree {
    /// The forest in which node i hangs under `parents[i]`. Nodes on a cycle, which documents cannot have, are at
    /// or under nothing but themselves.
    pub fn new(parents: &[Option<usize>]) -> Self {
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
        let mut roots = Vec::new();
        for (node, parent) in parents.iter().enumerate() {
            match parent {
                Some(parent) => children[*parent].push(node),
                None => roots.push(node),
            }
        }
        let mut tree = Self {
            enter: vec![u32::MAX; parents.len()],
            leave: vec![0; parents.len()],
        };
        let mut clock = 0_u32;
        for root in roots {
            let mut stack = vec![(root, 0)];
            tree.enter[root] = clock;
            clock += 1;
            while let Some((node, next)) = stack.last_mut() {
                if let Some(child) = children[*node].get(*next) {
                    *next += 1;
                    tree.enter[*child] = clock;
                    clock += 1;
                    stack.push((*child, 0));
                } else {
                    tree.leave[*node] = clock;
                    stack.pop();
                }
            }
        }
        tree
    }

    /// Whether `node` is `ancestor` or a descendant of it.
    pub fn at_or_under(&self, node: usize, ancestor: usize) -> bool {
        node == ancestor
            || (self.enter[ancestor] <= self.enter[node] && self.enter[node] < self.leave[ancestor])
    }
}
