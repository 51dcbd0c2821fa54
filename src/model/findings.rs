//! All findings of a state in order, most of them shared with the states before it.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Index;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::finding::{Culprit, Finding};
use super::id::{FactId, SubjectId};
use super::list::{Item, List, Mark, Marks, mark};

/// In whose families something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// In nobody's: a fact that names nobody is wrong.
    Facts,
    /// In those of the subjects that a fact names, or of one of those that an act names: these are judged together.
    Families(Arc<[SubjectId]>),
    /// In those of many: it is put together from what each of them adds.
    Many,
}

/// A finding and in whose families it was found.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The finding.
    pub finding: Arc<Finding>,
    /// Whose it is.
    pub whose: Whose,
    /// Of whom it is, or of everyone's which act, and that it is everyone's. Those of several have one for each besides.
    marks: [Mark; 2],
}

/// What is found anew.
#[derive(Clone, Copy, Debug)]
pub enum Anew<'a> {
    /// About facts, about many, and in these families.
    Families(&'a BTreeSet<SubjectId>),
    /// About facts, and about these acts with everyone's data, where nothing is found about many.
    Acts(&'a FxHashSet<FactId>),
}

const FACTS: Mark = 0;
const FACTS_OF_EVERYONE: Mark = 1;
const MANY: Mark = 2;

impl Entry {
    /// A finding of these.
    pub fn new(finding: Arc<Finding>, whose: Whose) -> Self {
        let marks = match &whose {
            Whose::Facts => [FACTS; 2],
            Whose::Many => [MANY; 2],
            Whose::Families(subjects) if subjects.iter().any(SubjectId::is_everyone) => {
                let of_act = match &finding.culprit {
                    Culprit::Event(act) => mark(act.as_str()),
                    Culprit::Fact(_) => FACTS_OF_EVERYONE,
                };
                [of_act, mark(SubjectId::EVERYONE)]
            }
            Whose::Families(subjects) => {
                let first = subjects.first().map_or(FACTS, |first| mark(first.as_str()));
                [first; 2]
            }
        };
        Self {
            finding,
            whose,
            marks,
        }
    }

    /// Whether it is found anew.
    pub fn is_in(&self, anew: Anew<'_>) -> bool {
        let Whose::Families(subjects) = &self.whose else {
            return true;
        };
        match (anew, &self.finding.culprit) {
            (Anew::Families(families), _) => subjects.iter().any(|subject| families.contains(subject)),
            (Anew::Acts(_), _) if !subjects.iter().any(SubjectId::is_everyone) => false,
            (Anew::Acts(acts), Culprit::Event(act)) => acts.contains(act),
            (Anew::Acts(_), Culprit::Fact(_)) => true,
        }
    }
}

impl Item for Entry {
    fn order(&self, other: &Self) -> Ordering {
        self.finding.order(&other.finding)
    }

    fn marks(&self) -> impl Iterator<Item = Mark> {
        let several = match &self.whose {
            Whose::Families(subjects) if subjects.len() > 1 => &**subjects,
            Whose::Families(_) | Whose::Facts | Whose::Many => &[],
        };
        let several = several.iter().map(|subject| mark(subject.as_str()));
        self.marks.into_iter().chain(several)
    }

    /// Its fingerprints.
    fn traits(&self) -> impl Iterator<Item = Mark> {
        self.finding.fingerprints.iter().map(|print| mark(print))
    }
}

impl Anew<'_> {
    fn marks(self) -> Marks {
        match self {
            Self::Families(families) => {
                let theirs = families.iter().map(|subject| mark(subject.as_str()));
                Marks::new(theirs.chain([FACTS, MANY]))
            }
            Self::Acts(acts) => {
                let theirs = acts.iter().map(|act| mark(act.as_str()));
                Marks::new(theirs.chain([FACTS, FACTS_OF_EVERYONE, MANY]))
            }
        }
    }
}

/// All findings in order.
#[derive(Clone, Debug)]
pub struct Findings(List<Entry>);

impl Findings {
    /// Of entries in order, at most so many to a chunk.
    pub fn new(entries: Vec<Entry>, most: usize) -> Self {
        Self(List::new(entries, most))
    }

    /// The same with these, which are in order, in place of what was found before. Cost: mostly that of what comes and goes;
    /// some nanoseconds for each chunk of those that stay.
    #[must_use]
    pub fn renewed(&self, anew: Anew<'_>, fresh: Vec<Entry>) -> Self {
        Self(self.0.with(&anew.marks(), |entry| entry.is_in(anew), fresh))
    }

    /// The same and more about many, in any order, each behind its equals.
    #[must_use]
    pub fn and_more(self, more: impl Iterator<Item = Arc<Finding>>) -> Self {
        let mut more: Vec<Entry> = more.map(|finding| Entry::new(finding, Whose::Many)).collect();
        if more.is_empty() {
            return self;
        }
        more.sort_by(Entry::order);
        Self(self.0.with(&Marks::new(std::iter::empty()), |_| false, more))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Finding>> {
        self.0.iter().map(|entry| &entry.finding)
    }

    /// The first one.
    pub fn first(&self) -> Option<&Arc<Finding>> {
        self.iter().next()
    }

    /// A list of them.
    pub fn to_vec(&self) -> Vec<Arc<Finding>> {
        self.iter().cloned().collect()
    }

    /// The findings alone; those that nobody else holds are not copied.
    pub fn into_vec(self) -> Vec<Finding> {
        let entries = self.0.into_items();
        entries.map(|entry| Arc::unwrap_or_clone(entry.finding)).collect()
    }

    /// Those that have one of these fingerprints. Cost: some nanoseconds for each finding; the first time, and for those that came
    /// since, their fingerprints are read.
    pub fn of_prints<'f>(&'f self, prints: &FxHashSet<&str>) -> impl Iterator<Item = &'f Arc<Finding>> {
        let marks = Marks::new(prints.iter().map(|print| mark(print)));
        self.0
            .perhaps(marks)
            .map(|entry| &entry.finding)
            .filter(|finding| finding.fingerprints.iter().any(|print| prints.contains(&**print)))
    }

    /// Those that are not the very same in the other state. Cost: one pass over the chunks of both, and one over the findings
    /// in those that they do not share.
    pub fn without<'f>(&'f self, other: &Self) -> impl Iterator<Item = &'f Arc<Finding>> {
        let there: FxHashSet<*const Finding> = other
            .0
            .unshared(&self.0)
            .map(|entry| Arc::as_ptr(&entry.finding))
            .collect();
        let own = self.0.unshared(&other.0).map(|entry| &entry.finding);
        own.filter(move |finding| !there.contains(&Arc::as_ptr(finding)))
    }
}

impl PartialEq for Findings {
    /// Whether both have the same findings in the same order, whatever the chunks.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Index<usize> for Findings {
    type Output = Arc<Finding>;

    fn index(&self, place: usize) -> &Arc<Finding> {
        &self.0[place].finding
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use rustc_hash::FxHashSet;

    use super::super::finding::{Culprit, Finding, Whom};
    use super::super::id::{FactId, SubjectId};
    use super::super::time::Instant;
    use super::super::word::Severity;
    use super::{Anew, Entry, Findings, Whose};

    /// Found at this instant about an act or another fact.
    fn finding(at: i64, culprit: Culprit) -> Finding {
        Finding {
            rule: "r".into(),
            clause: "c".to_owned(),
            severity: Severity::Error,
            reason: "wrong".to_owned(),
            at: Instant::from_micros(at),
            between: None,
            certainty: None,
            placement: Vec::new(),
            supposes: Vec::new(),
            during: Vec::new(),
            fingerprints: vec![format!("print of {}", culprit.as_str())],
            culprit,
            processor: "p".into(),
            owner: None,
            subjects: Vec::new(),
            whom: Whom::Unasked,
            fields: Vec::new(),
            because: Vec::new(),
            witness: Vec::new(),
            sentence: String::new(),
            place: None,
            about: Arc::default(),
        }
    }

    fn entries() -> Vec<Entry> {
        let names: [&[&str]; 6] = [
            &["ana"],
            &["bo"],
            &["everyone"],
            &["ana", "bo"],
            &["bo", "cy", "everyone"],
            &[],
        ];
        let families =
            names.map(|names| Whose::Families(names.iter().map(|name| SubjectId::from(*name)).collect()));
        let whose = families.into_iter().chain([Whose::Facts, Whose::Many]);
        let of_each = |(at, whose): (i64, Whose)| {
            let act = |id: &str| Culprit::Event(FactId::from(id));
            [act("a1"), act("a2"), Culprit::Fact("a1".to_owned())]
                .map(|culprit| Entry::new(Arc::new(finding(at, culprit)), whose.clone()))
        };
        (0..).zip(whose).flat_map(of_each).collect()
    }

    #[test]
    fn what_is_found_anew_is_gone_from_wherever_it_lies_and_nothing_else() {
        let families = |names: &[&str]| {
            names
                .iter()
                .map(|name| SubjectId::from(*name))
                .collect::<BTreeSet<_>>()
        };
        let acts = |ids: &[&str]| ids.iter().map(|id| FactId::from(*id)).collect::<FxHashSet<_>>();
        let some = [
            families(&[]),
            families(&["ana"]),
            families(&["cy"]),
            families(&["bo", "everyone"]),
        ];
        let others = [acts(&[]), acts(&["a1"]), acts(&["a1", "a2"]), acts(&["a3"])];
        let anew = some
            .iter()
            .map(Anew::Families)
            .chain(others.iter().map(Anew::Acts));
        let mut stayed = 0;
        for anew in anew {
            for a_chunk in [1, 2, 100] {
                let all = Findings::new(entries(), a_chunk);
                let left = all.renewed(anew, Vec::new());
                let expected: Vec<Arc<Finding>> = (all.0.iter())
                    .filter(|entry| !entry.is_in(anew))
                    .map(|entry| Arc::clone(&entry.finding))
                    .collect();
                assert_eq!(left.to_vec(), expected, "{anew:?}");
                assert_eq!(all.without(&left).count(), all.len() - left.len());
                assert_eq!(left.without(&all).count(), 0);
                stayed += left.len();
            }
        }
        // Counted by hand, first for families and then for acts.
        let by_hand = [18, 12, 15, 6, 16, 14, 12, 16];
        assert_eq!(stayed, 3 * by_hand.iter().sum::<usize>());
    }

    #[test]
    fn those_of_a_fingerprint_are_found_in_what_was_there_and_in_what_came() {
        let all = Findings::new(entries(), 3);
        let prints = |all: &Findings, print: &str| all.of_prints(&FxHashSet::from_iter([print])).count();
        assert_eq!((prints(&all, "print of a2"), prints(&all, "print of a3")), (8, 0));
        let act = Culprit::Event(FactId::from("a3"));
        let more = all.clone().and_more([Arc::new(finding(4, act))].into_iter());
        assert_eq!(
            (prints(&more, "print of a2"), prints(&more, "print of a3")),
            (8, 1)
        );
        assert_eq!(prints(&all, "print of a3"), 0);
        assert_eq!((more.len(), more.without(&all).count()), (all.len() + 1, 1));
        assert!(all.without(&more).next().is_none());
    }
}
