//! What the record knew when (docs/fact-file.md 8): the plain file that a file with `recorded`, `corrects` and `retracts`
//! stands for at a moment.

use super::facts::{Instant, instant, text};
use super::scalars::required_instant;
use serde_json::Value;
use std::collections::BTreeMap;

/// A moment of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    At(Instant),
    Number(u64),
}

/// The key of the instant at which an item of a section happened.
const INSTANTS: [(&str, &str); 14] = [
    ("authorizations", "from"),
    ("choices", "at"),
    ("agreements", "from"),
    ("mechanisms", "from"),
    ("assessments", "at"),
    ("notices", "at"),
    ("policies", "effective"),
    ("requests", "at"),
    ("closures", "at"),
    ("incidents", "known"),
    ("audits", "at"),
    ("terminations", "at"),
    ("evidence", "from"),
    ("events", "at"),
];

const DECLARATIONS: [&str; 6] = [
    "subjects",
    "cohorts",
    "categories",
    "fields",
    "processors",
    "purposes",
];

/// Every item of a section with what it says of the record.
struct Section<'a> {
    name: &'a str,
    items: &'a [Value],
    as_of: Instant,
}

impl Section<'_> {
    fn id(&self, i: usize) -> Option<String> {
        text(&self.items[i], "id").filter(|_| text(&self.items[i], "retracts").is_none())
    }

    fn target(&self, i: usize) -> Option<String> {
        text(&self.items[i], "retracts").or_else(|| text(&self.items[i], "corrects"))
    }

    /// The item that brings an id in: the one that has it and is no new version of itself.
    fn first(&self, id: &str) -> Option<usize> {
        (0..self.items.len())
            .find(|i| self.id(*i).as_deref() == Some(id) && self.target(*i).as_deref() != Some(id))
    }

    /// The item, the first version of what it changes, the first version of what that changes, …
    fn way(&self, i: usize) -> Vec<usize> {
        let mut way = vec![i];
        while let Some(next) = self
            .target(*way.last().expect("not empty"))
            .and_then(|id| self.first(&id))
        {
            if way.contains(&next) {
                break;
            }
            way.push(next);
        }
        way
    }

    fn stated_number(&self, i: usize) -> Option<u64> {
        text(&self.items[i], "recorded")?.parse().ok()
    }

    fn stated_instant(&self, i: usize) -> Option<Instant> {
        if self.stated_number(i).is_some() {
            return None;
        }
        instant(&self.items[i], "recorded")
    }

    /// When it counts as recorded if it says nothing.
    fn happened(&self, i: usize) -> Option<Instant> {
        let (_, key) = INSTANTS.iter().find(|(section, _)| *section == self.name)?;
        let item = &self.items[i];
        match item.get(*key) {
            Some(span @ Value::Object(_)) => instant(span, "from"),
            _ => instant(item, key),
        }
    }

    /// Number, then instant; never before what it changes.
    fn moment(&self, i: usize) -> (u64, Option<Instant>) {
        let own = |i: usize| {
            (
                self.stated_number(i).unwrap_or(0),
                self.stated_instant(i).or_else(|| self.happened(i)),
            )
        };
        self.way(i).into_iter().map(own).max().expect("not empty")
    }

    fn is_known(&self, i: usize, at: Option<Moment>) -> bool {
        let is_first = self.id(i).is_some() && self.target(i) != self.id(i);
        if DECLARATIONS.contains(&self.name) && is_first {
            return true;
        }
        match at {
            None => self.stated_instant(i).is_none_or(|stated| stated <= self.as_of),
            Some(Moment::At(limit)) => self
                .stated_instant(i)
                .or_else(|| self.happened(i))
                .is_none_or(|t| t <= limit),
            Some(Moment::Number(limit)) => self.stated_number(i).is_none_or(|number| number <= limit),
        }
    }

    fn known(&self, at: Option<Moment>) -> Vec<usize> {
        (0..self.items.len()).filter(|i| self.is_known(*i, at)).collect()
    }

    /// Items that change something, in the order in which they count.
    fn changes(&self, among: &[usize]) -> Vec<usize> {
        let mut changes: Vec<usize> = among
            .iter()
            .copied()
            .filter(|i| self.target(*i).is_some())
            .collect();
        changes.sort_by_key(|i| (self.moment(*i), *i));
        changes
    }

    /// The items that stand, in their places.
    fn standing(&self, at: Option<Moment>) -> Vec<Value> {
        let known = self.known(at);
        let mut slots: BTreeMap<String, Option<usize>> = BTreeMap::new();
        let mut stand: Vec<usize> = Vec::new();
        for i in &known {
            match self.id(*i) {
                Some(id) if self.target(*i).as_ref() != Some(&id) => {
                    slots.insert(id, Some(*i));
                }
                Some(_) => {}
                None if self.target(*i).is_none() => stand.push(*i),
                None => {}
            }
        }
        for i in self.changes(&known) {
            let target = self.target(i).expect("a change has a target");
            let is_version = self.id(i).as_ref() == Some(&target);
            if let Some(slot) = slots.get_mut(&target) {
                *slot = is_version.then_some(i);
            }
        }
        stand.extend(slots.into_values().flatten());
        stand.sort_by_key(|i| (*self.way(*i).last().expect("not empty"), *i));
        stand
            .into_iter()
            .map(|i| {
                let mut item = self.items[i].as_object().expect("an item is a mapping").clone();
                item.shift_remove("recorded");
                item.shift_remove("corrects");
                item.into()
            })
            .collect()
    }

    /// Whether something is replaced or taken back that was so already.
    fn is_changed_twice(&self) -> bool {
        let all: Vec<usize> = (0..self.items.len()).collect();
        let mut gone: Vec<String> = Vec::new();
        for i in self.changes(&all) {
            let target = self.target(i).expect("a change has a target");
            if self.id(i).as_ref() == Some(&target) {
                gone.retain(|id| *id != target);
            } else if gone.contains(&target) {
                return true;
            } else {
                gone.push(target);
            }
        }
        false
    }
}

fn sections(file: &Value) -> Vec<Section<'_>> {
    let as_of = required_instant(file, "as_of");
    file.as_object()
        .expect("a file is a mapping")
        .iter()
        .filter_map(|(name, value)| {
            Some(Section {
                name,
                items: value.as_array()?,
                as_of,
            })
        })
        .collect()
}

/// The plain file that it stands for; `None` is a question that does not say what it knows.
pub fn rebuild(file: &Value, at: Option<Moment>) -> Value {
    let mut plain = file.clone();
    for section in sections(file) {
        plain[section.name] = section.standing(at).into();
    }
    plain
}

/// Whether the file has to be refused because of what it changes twice.
pub fn is_changed_twice(file: &Value) -> bool {
    sections(file).iter().any(Section::is_changed_twice)
}
