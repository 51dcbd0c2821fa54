//! Standing acts where the order inside an instant is open: in each instant that may bring them something new they are
//! flows of that instant.
//!
//! Something may be new to a standing act when it begins, when something comes to where it takes from, when something
//! ends where it brings to, and in the instants that are asked about. What is held then is seen when the flow is
//! replayed: one that finds nothing carries nothing.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::FxHashMap;

use super::Part;
use crate::graph::history::Act;
use crate::graph::number::{ActNo, FieldNo, Number as _, ProcessorNo};
use crate::model::time::{Instant, Stretch, When, covers};

type Holding = (ProcessorNo, FieldNo);

/// The standing acts that have begun, by where they take from and where they bring to; some may be over.
#[derive(Default)]
pub(super) struct Standing<'a> {
    acts: Vec<(&'a Act, Stretch)>,
    out: FxHashMap<Holding, Vec<usize>>,
    /// Each with the field that it takes.
    into: FxHashMap<Holding, Vec<(usize, FieldNo)>>,
    /// Which entry of the order is the first moment of each.
    first: FxHashMap<usize, usize>,
}

/// Why standing acts may have something new to carry in an instant.
#[derive(Default)]
pub(super) struct News {
    /// Something comes here, or may have changed.
    pub(super) at: Vec<Holding>,
    /// Something ends here.
    pub(super) ended: Vec<Holding>,
}

impl<'a> Standing<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// The act begins.
    pub(super) fn begin(&mut self, act: &'a Act, active: Stretch) {
        let number = self.acts.len();
        self.acts.push((act, active));
        for field in &act.fields {
            self.out.entry((act.actor, *field)).or_default().push(number);
            for to in act.targets(*field) {
                self.into.entry(to).or_default().push((number, *field));
            }
        }
    }

    /// Where any of them takes from.
    pub(super) fn sources(&self) -> impl Iterator<Item = Holding> + '_ {
        self.out.keys().copied()
    }

    /// Those that may carry something new in the instant, with the fields that they take, and all that pass that on; each
    /// as an act of the instant.
    pub(super) fn moments(&self, at: Instant, news: News) -> Vec<(usize, Act)> {
        let mut flows: VecDeque<(usize, FieldNo)> = VecDeque::new();
        let from = |flows: &mut VecDeque<(usize, FieldNo)>, place: Holding| {
            let out = self.out.get(&place).into_iter().flatten();
            flows.extend(out.map(|number| (*number, place.1)));
        };
        for place in news.ended {
            flows.extend(self.into.get(&place).into_iter().flatten());
        }
        for place in news.at {
            from(&mut flows, place);
        }
        let mut found: BTreeMap<usize, Vec<FieldNo>> = BTreeMap::new();
        while let Some((number, field)) = flows.pop_front() {
            let (act, active) = self.acts[number];
            let fields = found.entry(number).or_default();
            if !covers(active, at) || fields.contains(&field) {
                continue;
            }
            fields.push(field);
            for to in act.targets(field) {
                from(&mut flows, to);
            }
        }
        found.retain(|_, fields| !fields.is_empty());
        let moment = |(number, fields): (usize, Vec<FieldNo>)| {
            let (act, _) = self.acts[number];
            let moment = Act {
                at,
                when: When::Instant(at),
                fields: fields.into(),
                ..act.clone()
            };
            (number, moment)
        };
        found.into_iter().map(moment).collect()
    }

    /// A moment of the act, as the next entry of the order.
    pub(super) fn entry(&mut self, number: usize, moment: Act, next: usize) -> Option<Act> {
        let of = *self.first.entry(number).or_insert(next);
        let (_, active) = self.acts[number];
        let part = Part::Moment {
            of: ActNo::from_index(of)?,
            active,
        };
        Some(Act { part, ..moment })
    }
}
