//! Who has to be judged together: groups that grow with every act that names several.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::model::id::SubjectId;

/// Who is judged together.
#[derive(Default)]
pub struct Together {
    numbers: FxHashMap<SubjectId, usize>,
    /// For each subject another one of those that it is judged with, or itself; and so many facts, of that one those of all.
    with: Vec<usize>,
    facts: Vec<usize>,
}

impl Together {
    /// These are judged together, and there are so many facts more about them.
    pub fn join(&mut self, subjects: &[SubjectId], facts: usize) {
        let mut first = None;
        for subject in subjects {
            let number = self.number(subject);
            let number = self.root(number);
            let root = *first.get_or_insert(number);
            if root != number {
                self.with[number] = root;
                self.facts[root] += self.facts[number];
            }
        }
        if let Some(root) = first {
            self.facts[root] += facts;
        }
    }

    fn number(&mut self, subject: &SubjectId) -> usize {
        if let Some(number) = self.numbers.get(subject) {
            return *number;
        }
        let number = self.with.len();
        self.numbers.insert(subject.clone(), number);
        self.with.push(number);
        self.facts.push(0);
        number
    }

    fn root(&mut self, number: usize) -> usize {
        let mut root = number;
        while self.with[root] != root {
            self.with[root] = self.with[self.with[root]];
            root = self.with[root];
        }
        root
    }

    /// All of them in batches of at least so many facts; who is judged with everyone comes first and apart, since everyone's facts
    /// are many and not counted.
    pub fn batches(mut self, facts_least: usize) -> Vec<BTreeSet<SubjectId>> {
        let subjects: BTreeMap<SubjectId, usize> = std::mem::take(&mut self.numbers).into_iter().collect();
        let mut parts: FxHashMap<usize, BTreeSet<SubjectId>> = FxHashMap::default();
        let mut order: Vec<usize> = Vec::new();
        let everyone = subjects.get(&SubjectId::everyone()).copied();
        for number in everyone.into_iter().chain(subjects.values().copied()) {
            let root = self.root(number);
            parts.entry(root).or_insert_with(|| {
                order.push(root);
                BTreeSet::new()
            });
        }
        for (subject, number) in subjects {
            let root = self.root(number);
            parts.entry(root).or_default().insert(subject);
        }
        let mut batches = Vec::new();
        let (mut batch, mut facts) = (BTreeSet::new(), 0);
        for root in order {
            batch.extend(parts.remove(&root).unwrap_or_default());
            facts += self.facts[root];
            if facts >= facts_least || batch.contains(&SubjectId::everyone()) {
                batches.push(std::mem::take(&mut batch));
                facts = 0;
            }
        }
        if !batch.is_empty() {
            batches.push(batch);
        }
        batches
    }
}
